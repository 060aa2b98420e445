// A plain voice server, node `ws`, for the same plain peers as voice_server.py: /FORMAT[/RATE] speaks a tone of two
// seconds, /agent answers after a second of audio and speaks until it is interrupted, /echo is a bare PCM echo.
const fs = require('fs');
const { WebSocketServer } = require('ws');
const [folder] = process.argv.slice(2);

const tone = (rate, seconds = 2) => {
  const pcm = Buffer.alloc(rate * seconds * 2);
  for (let n = 0; n < rate * seconds; n++) pcm.writeInt16LE(Math.trunc(12000 * Math.sin(2 * Math.PI * 440 * n / rate)), 2 * n);
  return pcm;
};
const cut = (data, size) => {
  const parts = [];
  for (let start = 0; start < data.length; start += size) parts.push(data.subarray(start, start + size));
  return parts;
};
const wav = (pcm, rate) => {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0); head.writeUInt32LE(36 + pcm.length, 4); head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16); head.writeUInt16LE(1, 20); head.writeUInt16LE(1, 22); head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(2 * rate, 28); head.writeUInt16LE(2, 32); head.writeUInt16LE(16, 34);
  head.write('data', 36); head.writeUInt32LE(pcm.length, 40);
  return Buffer.concat([head, pcm]);
};
const message = (data, fields) => JSON.stringify({ type: 'audio', data: data.toString('base64'), ...fields });

const pieces = (kind, rate) => {
  switch (kind) {
    case 'pcm': return cut(tone(rate), rate / 5).map(part => message(part, { rate }));
    case 'binary': return cut(tone(rate), rate / 5);
    case 'wav': return cut(tone(rate), rate).map(part => message(wav(part, rate)));
    default: return cut(fs.readFileSync(`${folder}/tone.${kind}`), 1009).map(part => rate === 1 ? part : message(part));
  }
};

const agent = (ws, tell) => {
  let heard = 0, speaking = null;
  ws.on('message', data => {
    const event = JSON.parse(data.toString());
    if (event.type === 'audio') {
      heard += Buffer.from(event.audio, 'base64').length;
      if (heard < 32000 || speaking) return;
      tell('transcript_interim', { text: 'plain' });
      tell('user_speech_end');
      tell('transcript_final', { text: 'plain peer heard you' });
      const parts = cut(tone(16000, 20), 3200);
      speaking = setInterval(() => {
        if (parts.length) return ws.send(message(parts.shift()));
        clearInterval(speaking);
        tell('response_complete');
      }, 100);
    } else if (event.type === 'interrupt') {
      console.log('interrupt');
      clearInterval(speaking);
      tell('interrupted');
    } else if (event.type === 'config') {
      console.log('config', JSON.stringify(event, Object.keys(event).sort()));
    }
  });
  ws.on('close', () => clearInterval(speaking));
};

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
server.on('listening', () => console.log('port', server.address().port));
server.on('connection', (ws, request) => {
  const [kind, rateText] = request.url.split('?')[0].split('/').slice(1);
  const tell = (type, fields) => ws.send(JSON.stringify({ type, ...fields }));
  ws.on('error', () => {});
  if (kind === 'echo') return ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
  const rate = Number(rateText || 16000);
  tell('ready', { sessionId: 'plain', ...(kind === 'binary' ? { audio: { out: { rate } } } : {}) });
  if (kind === 'agent') return agent(ws, tell);
  for (const piece of pieces(kind, rate)) ws.send(piece);
  tell('response_complete');
});
