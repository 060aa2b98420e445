// A voice client, node `ws`: the same conversation as voice_client.py. Arguments: URL, TOKEN, WAV, `json` or `binary`.
const fs = require('fs');
const { WebSocket } = require('ws');
const [url, token, path, form] = process.argv.slice(2);

class Client {
  constructor(ws) {
    Object.assign(this, { ws, audio: 0, queue: [], waiting: null });
    ws.on('message', (data, isBinary) => {
      const event = isBinary ? { type: 'audio', bytes: data } : JSON.parse(data.toString());
      if (event.type === 'audio') this.audio += (event.bytes || Buffer.from(event.data, 'base64')).length;
      this.queue.push(event);
      if (this.waiting) this.waiting();
    });
  }
  async until(...kinds) {
    for (;;) {
      while (this.queue.length) {
        const event = this.queue.shift();
        if (kinds.includes(event.type)) return event;
      }
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no ' + kinds)), 60000);
        this.waiting = () => { clearTimeout(timer); this.waiting = null; resolve(); };
      });
    }
  }
  tell(type, fields) { this.ws.send(JSON.stringify({ type, ...fields })); }
  async speak(path) {
    const pcm = Buffer.concat([fs.readFileSync(path).subarray(44), Buffer.alloc(32000)]);
    for (let start = 0; start < pcm.length; start += 640) {
      const part = pcm.subarray(start, start + 640);
      if (form === 'binary') this.ws.send(part); else this.tell('audio', { audio: part.toString('base64') });
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
}
const open = (url, options) => new Promise((resolve, reject) => {
  const ws = new WebSocket(url, options);
  const client = new Client(ws);
  ws.on('open', () => resolve(client));
  ws.on('error', reject);
});

(async () => {
  for (const bad of [url, url + '?token=wrong']) {
    try { await open(bad); console.log('let in'); } catch (e) { console.log('status', e.message.match(/\d+/)[0]); }
  }
  let client = await open(url, { headers: { Authorization: 'Bearer ' + token } });
  const ready = await client.until('ready');
  console.log('ready', ready.audio.in.rate, Boolean(ready.resumed));
  client.tell('config', { voice: 'rms', endpointing: 'snappy' });
  console.log('config', (await client.until('config_applied', 'error')).type);
  const speaking = client.speak(path);
  console.log('final', (await client.until('transcript_final')).text);
  console.log('text', Boolean((await client.until('response_text')).text));
  await client.until('response_complete', 'interrupted');
  console.log('audio', client.audio > 16000);
  await speaking;
  client.tell('text', { text: 'tell me a story' });
  await client.until('audio');
  client.tell('interrupt');
  console.log('then', (await client.until('response_complete', 'interrupted')).type);
  client.ws.send('{broken');
  console.log('broken', (await client.until('error')).type);
  client.ws.close();
  client = await open(`${url}?token=${token}&session=${ready.sessionId}&token=${ready.resumeToken}`);
  const again = await client.until('ready');
  console.log('again', Boolean(again.resumed), again.sessionId === ready.sessionId);
  client.tell('text', { text: 'what did I just say' });
  let words = '';
  for (let event; (event = await client.until('response_text', 'response_complete')).type !== 'response_complete';) words += event.text;
  console.log('remembers', words.toLowerCase().includes('story'));
  client.ws.close();
  console.log('done');
})().catch(e => { console.error(e); process.exit(1); });
