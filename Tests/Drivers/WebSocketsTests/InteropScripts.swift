/// Peers that were not written here, as scripts for their interpreters. Each prints what it saw, one line per fact.
enum InteropScripts {
  static let python = "/usr/bin/python3"
  static let node = "/usr/bin/node"
  static let nodeEnvironment = ["NODE_PATH": "/usr/share/nodejs"]

  /// Echoes; some texts are orders. Prints its port, and how each connection ended.
  static let pythonServer = """
    import asyncio, websockets
    async def serve(ws, path):
        if path == "/refuse":
            return await ws.close(1008, "not you")
        try:
            async for m in ws:
                if m == "close":
                    await ws.close(4001, "as you wish")
                elif m == "fragments":
                    await ws.send(["one ", "", "two ", "three"])
                    await ws.send([b"\\x01", b"\\x02\\x03"])
                elif m == "ping":
                    pong = await ws.ping(b"from python")
                    await pong
                    await ws.send("ponged")
                elif m == "large":
                    await ws.send(b"z" * 3000000)
                elif m == "drop":
                    ws.transport.abort()
                else:
                    await ws.send(m)
        except websockets.ConnectionClosedError:
            pass
        print("closed", ws.close_code, ws.close_reason, flush=True)
    async def main():
        async with websockets.serve(serve, "127.0.0.1", 0, max_size=None, subprotocols=["other", "voice.v1"],
                                    ping_interval=None) as s:
            print("port", s.sockets[0].getsockname()[1], flush=True)
            await asyncio.Future()
    asyncio.run(main())
    """

  /// Connects to the URL given as an argument, which has to echo, and prints `ok` behind each check.
  static let pythonClient = """
    import asyncio, sys, websockets
    async def main(url):
        async with websockets.connect(url, max_size=None, subprotocols=["chat", "voice"]) as ws:
            print("subprotocol", ws.subprotocol)
            for name, m in [("text", "hello"), ("binary", bytes(range(256))), ("empty", ""), ("emptyb", b""),
                            ("unicode", "gr\\u00fc\\u00dfe \\U0001f399"), ("large", b"q" * 2000000)]:
                await ws.send(m)
                print(name, "ok" if await ws.recv() == m else "wrong")
            await ws.send(["frag", "", "ment", "ed"])
            print("fragmented", await ws.recv())
            pong = await ws.ping(b"are you there")
            await asyncio.wait_for(pong, 20)
            print("ping ok")
            await ws.close(4002, "python is done")
            print("closed", ws.close_code, ws.close_reason)
        async with websockets.connect(url) as ws:
            await ws.send("close")
            try:
                await ws.recv()
            except websockets.ConnectionClosed as e:
                print("peer closed", e.rcvd.code, e.rcvd.reason)
        async with websockets.connect(url, max_size=None) as ws:
            await ws.send(b"x" * (17 << 20))
            try:
                await ws.recv()
            except websockets.ConnectionClosed as e:
                print("too large", e.rcvd.code)
        for bad in [url + "x", url.split("?")[0]]:
            try:
                async with websockets.connect(bad):
                    print("let in")
            except websockets.InvalidStatusCode as e:
                print("status", e.status_code)
        ws = await websockets.connect(url)
        ws.transport.abort()
        print("done", flush=True)
    asyncio.run(main(sys.argv[1]))
    """

  static let nodeServer = """
    const { WebSocketServer } = require('ws');
    const s = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 0 });
    s.on('listening', () => console.log('port', s.address().port));
    s.on('connection', ws => {
      ws.on('message', (data, isBinary) => {
        const m = isBinary ? null : data.toString();
        if (m === 'close') ws.close(4001, 'as you wish');
        else if (m === 'fragments') {
          ws.send('one ', { fin: false }); ws.send('', { fin: false }); ws.send('two ', { fin: false });
          ws.ping('between'); ws.send('three', { fin: true });
          ws.send(Buffer.from([1]), { fin: false, binary: true }); ws.send(Buffer.from([2, 3]), { fin: true });
        }
        else if (m === 'ping') { ws.on('pong', p => { if (p.toString() === 'from node') ws.send('ponged'); }); ws.ping('from node'); }
        else if (m === 'large') ws.send(Buffer.alloc(3000000, 'z'));
        else if (m === 'drop') ws.terminate();
        else ws.send(data, { binary: isBinary });
      });
      ws.on('close', (code, reason) => console.log('closed', code, reason.toString()));
      ws.on('error', e => console.log('error', e.message));
    });
    """

  static let nodeClient = """
    const { WebSocket } = require('ws');
    const url = process.argv[process.argv.length - 1];
    const open = (u, p) => new Promise((res, rej) => { const w = new WebSocket(u, p); w.q = []; w.wait = [];
      w.on('message', (d, b) => { const m = b ? d : d.toString(); w.wait.length ? w.wait.shift()(m) : w.q.push(m); });
      w.on('open', () => res(w)); w.on('error', rej); });
    const recv = w => w.q.length ? Promise.resolve(w.q.shift()) : new Promise(r => w.wait.push(r));
    const closed = w => new Promise(r => w.on('close', (c, t) => r(c + ' ' + t)));
    const same = (a, b) => typeof a === 'string' ? a === b : Buffer.isBuffer(b) && Buffer.compare(a, b) === 0;
    (async () => {
      let w = await open(url, ['chat', 'voice']);
      console.log('subprotocol', w.protocol);
      for (const [name, m] of [['text', 'hello'], ['binary', Buffer.from([0, 1, 255])], ['empty', ''],
          ['emptyb', Buffer.alloc(0)], ['unicode', 'gr\\u00fc\\u00dfe \\u{1f399}'], ['large', Buffer.alloc(2000000, 'q')]]) {
        w.send(m); console.log(name, same(m, await recv(w)) ? 'ok' : 'wrong');
      }
      w.send('frag', { fin: false }); w.send('', { fin: false }); w.ping('in between'); w.send('ment', { fin: false }); w.send('ed');
      console.log('fragmented', await recv(w));
      w.ping('there?'); await new Promise(r => w.on('pong', p => { if (p.toString() === 'there?') r(); })); console.log('ping ok');
      let c = closed(w); w.close(4002, 'node is done'); console.log('closed', await c);
      w = await open(url); c = closed(w); w.send('close'); console.log('peer closed', await c);
      w = await open(url); w.on('error', () => {}); c = closed(w); w.send(Buffer.alloc(17 << 20)); console.log('too large', (await c).split(' ')[0]);
      for (const bad of [url + 'x', url.split('?')[0]])
        try { await open(bad); console.log('let in'); } catch (e) { console.log('status', e.message.match(/\\d+/)[0]); }
      w = await open(url); w.terminate(); console.log('done');
    })();
    """
}
