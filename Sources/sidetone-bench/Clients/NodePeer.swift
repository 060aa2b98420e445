import Glibc
import TestKit

/// What a server on node's `ws` does with the same clients: it reads the JSON and the base64 of what they send, and answers
/// a text with text and audio.
enum NodePeer {
  private static let script = """
    const { WebSocketServer } = require('ws');
    const s = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    s.on('listening', () => console.log('port ' + s.address().port));
    const audio = Buffer.alloc(1280, 1);
    s.on('connection', ws => {
      const say = message => ws.send(JSON.stringify(message));
      ws.heard = 0;
      say({ type: 'ready', session_id: 's_1', sample_rate: 16000 });
      ws.on('message', data => {
        const message = JSON.parse(data);
        if (message.type === 'audio') ws.heard += Buffer.from(message.audio, 'base64').length;
        if (message.type !== 'text') return;
        say({ type: 'response_text', text: 'You said so.' });
        say({ type: 'audio', data: audio.toString('base64'), format: 'pcm16', sample_rate: 16000, seq: 0 });
        say({ type: 'response_complete' });
      });
    });
    """

  /// - Returns: nil where it is not installed, which is said.
  static func start(cores: String) throws -> ChildProcess? {
    let (node, modules) = ("/usr/bin/node", "/usr/share/nodejs")
    guard access(node, X_OK) == 0, access(modules + "/ws", R_OK) == 0 else {
      progress("clients: node's ws is not installed, so nothing is measured beside it: apt-get install nodejs node-ws")
      return nil
    }
    return try ChildProcess(
      "/usr/bin/taskset", ["-c", cores, node, "-e", script], environment: ["NODE_PATH": modules])
  }
}
