/// What looks real and is not: each text holds secrets that begin with `FAKE`, or that are listed beside it.
enum SecretTables {
  /// Texts, and what must not be left of them.
  static let messages: [(text: String, gone: [String])] = [
    // Nested, in arrays, beside what describes it.
    (
      #"{"type":"session.created","session":{"client_secret":{"value":"ek_FAKE0001","expires_at":1754000000}}}"#,
      ["FAKE"]
    ),
    (#"{"client_secret":{"value":["FAKE1","FAKE2"],"type":"ephemeral"}}"#, ["FAKE"]),
    (#"{"credentials":[{"username":"u","secretAccessKey":"FAKE1","sessionToken":"FAKE2"}]}"#, ["FAKE"]),
    (#"{"apiKeys":["FAKE1","FAKE2"],"api_keys":{"a":"FAKE3"}}"#, ["FAKE"]),
    (#"{"token":{"value":"FAKE00012345"}}"#, ["FAKE"]), (#"{"auth":{"api_key":"FAKE"}}"#, ["FAKE"]),
    // Names of vendors, in all spellings.
    (
      #"{"apiKey":"FAKE","xi-api-key":"FAKE","openai_api_key":"FAKE","OPENAI_API_KEY":"FAKE","APIKey":"FAKE"}"#,
      ["FAKE"]
    ),
    (#"{"aws_secret_access_key":"FAKE","secretAccessKey":"FAKE","AWSSecretKey":"FAKE"}"#, ["FAKE"]),
    (#"{"jwt":"FAKE","credential":"FAKE","ephemeralKey":"FAKE","idToken":"FAKE","access-token":"FAKE"}"#, ["FAKE"]),
    (
      #"{"deepgram_key":"FAKE","signingKey":"FAKE","ocp-apim-subscription-key":"FAKE","x-goog-api-key":"FAKE"}"#,
      ["FAKE"]
    ),
    (#"{"livekit_token":"FAKE00012345","participantToken":"FAKE00012345"}"#, ["FAKE"]),
    (#"{"private_key":"FAKE","passphrase":"FAKE","db_password":"FAKE","userPassword":"FAKE","pwd":"FAKE"}"#, ["FAKE"]),
    (
      #"{"tokenValue":"FAKE00012345","authorization_header":"FAKE","clientsecret":"FAKE","refreshtoken":"FAKE"}"#,
      ["FAKE"]
    ),
    (#"{"iceServers":[{"urls":"turn:t.example.org","username":"u","credential":"FAKE"}]}"#, ["FAKE"]),
    (#"{"connectionString":"Endpoint=sb://x/;SharedAccessKey=FAKE","otp":"FAKE","recovery_code":"FAKE"}"#, ["FAKE"]),
    (#"{"password":123456,"otp":4711}"#, ["123456", "4711"]),
    // Headers, as maps, arrays and lists.
    (#"{"headers":{"Authorization":"Bearer FAKE","Cookie":"sid=FAKE","Proxy-Authorization":"Basic FAKE"}}"#, ["FAKE"]),
    (#"{"headers":{"Set-Cookie":["a=FAKE; Path=/","b=FAKE"],"X-Auth-Token":"FAKE"}}"#, ["FAKE"]),
    (#"{"headers":[{"name":"Authorization","value":"FAKE"},{"value":"FAKE","name":"xi-api-key"}]}"#, ["FAKE"]),
    (#"{"headers":[{"key":"Cookie","value":"sid=FAKE"},{"k":"X-Api-Key","v":"FAKE"}]}"#, ["FAKE"]),
    (#"{"rawHeaders":["Host","h.example.org","Authorization","Bearer FAKE01","Cookie","sid=FAKE"]}"#, ["FAKE"]),
    (#"{"headers":["Authorization: Bearer FAKE","Cookie: sid=FAKE"]}"#, ["FAKE"]),
    (#"{"log":"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer FAKE\r\nCookie: a=FAKE; b=FAKE\r\n\r\n"}"#, ["FAKE"]),
    (#"{"op":"replace","path":"/auth/api_key","value":"FAKE"}"#, ["FAKE"]),
    (#"{"env":[{"name":"DB_PASSWORD","value":"FAKE"}],"params":[{"field":"token","value":"FAKE00012345"}]}"#, ["FAKE"]),
    (#"{"type":"api_key","value":"FAKE"}"#, ["FAKE"]),
    (#"{"subprotocols":["realtime","openai-insecure-api-key.FAKE"],"protocols":["token","FAKE01"]}"#, ["FAKE"]),
    // Messages that log in.
    (#"{"type":"auth","token":"FAKE"}"#, ["FAKE"]), (#"{"token":"FAKE","event":"authenticate"}"#, ["FAKE"]),
    (#"{"token":"FAKE","expires_in":3600}"#, ["FAKE"]), (#"{"type":"login","key":"FAKE"}"#, ["FAKE"]),
    (#"{"token":"FAKE00012345"}"#, ["FAKE"]),
    // Addresses and forms in values.
    (#"{"signed_url":"wss://api.example.org/v1/c?agent_id=a&conversation_signature=FAKE"}"#, ["FAKE"]),
    (#"{"uploadUrl":"https:\/\/h.example.org\/b?X-Amz-Credential=FAKE&X-Amz-Signature=FAKE"}"#, ["FAKE"]),
    (#"{"u":"https://h/b?sv=1&sig=FAKE%2F%3D&se=2","v":"https://me:FAKE@h.example.org/x"}"#, ["FAKE"]),
    (#"{"u":"https://h/cb#access_token=FAKE&state=1","next":"/login?to=https%3A%2F%2Fh%2F%3Ftoken%3DFAKE"}"#, ["FAKE"]),
    (
      #"{"u":"https://h/?%61pi_key=FAKE","body":"grant_type=password&username=u&password=FAKE&client_secret=FAKE"}"#,
      ["FAKE"]
    ),
    (
      #"{"u":"https://maps.example.org/a?key=FAKE","w":"https://hooks.slack.com/services/T000FAKE1/B000FAKE2/FAKE3x"}"#,
      ["FAKE"]
    ),
    // JSON in strings, at any depth.
    (#"{"args":"{\"api_key\": \"FAKE\"}"}"#, ["FAKE"]),
    (#"{"a":"{\"b\":\"{\\\"client_secret\\\":{\\\"value\\\":\\\"FAKE\\\"}}\"}"}"#, ["FAKE"]),
    (#"{"a":"{\"headers\":[{\"name\":\"Authorization\",\"value\":\"FAKE\"}]}"}"#, ["FAKE"]),
    (#"{"a":"[\"{\\\"password\\\":4711}\"]"}"#, ["4711"]),
    // Escaped names and names of other alphabets.
    (#"{"\u0061pi_key":"FAKE","pass\u0077ord":"FAKE","api\u005fkey":{"x":"FAKE"}}"#, ["FAKE"]),
    ("{\"api_\u{212A}ey\":\"FAKE\"}", ["FAKE"]),
    // Not quite JSON.
    (#"{"Authorization":"Bearer FAKE"#, ["FAKE"]), (#"{"client_secret":{"value":"FAKE"#, ["FAKE"]),
    ("{'Authorization': 'Bearer FAKE', 'api_key': 'FAKE'}", ["FAKE"]),
    ("{api_key: 'FAKE', token: 'FAKE00012345'}", ["FAKE"]),
    ("config applied: {\"api_key\":\"FAKE\"}  client=1", ["FAKE"]),
  ]

  /// Lines of logs, of command lines and of settings.
  static let lines: [(text: String, gone: [String])] = [
    ("Authorization: Bearer FAKE", ["FAKE"]), ("proxy-authorization: Basic FAKE=", ["FAKE"]),
    ("sending -H 'Authorization: Token FAKE' -H \"Cookie: a=FAKE; b=FAKE\" now", ["FAKE"]),
    ("x-api-key: FAKE1", ["FAKE"]), ("XI-API-KEY:FAKE1", ["FAKE"]), ("OPENAI_API_KEY=FAKE sidetone", ["FAKE"]),
    ("export DEEPGRAM_API_KEY=\"FAKE\"", ["FAKE"]), ("api_key = 'FAKE'", ["FAKE"]),
    ("--token=FAKE1234567890 --x", ["FAKE"]),
    ("connecting to wss://u:FAKE@h.example.org/v1?token=FAKE&lang=de", ["FAKE"]),
    ("user said: my key is sk-proj-FAKE1abcDEF2ghiJKL3", ["FAKE"]), ("password: FAKE1word", ["FAKE"]),
    ("Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.FAKE1", ["FAKE"]),
    ("Sec-WebSocket-Protocol: token, FAKE1", ["FAKE"]), ("got Bearer FAKE1234 from it", ["FAKE"]),
    ("https://h/?a=1&amp;token=FAKE", ["FAKE"]), ("client=1 authorization=Bearer FAKE path=/voice", ["FAKE"]),
    ("username=u&password=FAKE", ["FAKE"]), ("token=FAKE&x=1", ["FAKE"]),
    ("https%3A%2F%2Fh%2F%3Faccess_token%3DFAKE", ["FAKE"]),
  ]

  /// What gives itself away wherever it stands.
  static let shapes: [String] = [
    "sk-proj-a1B2c3D4e5F6g7H8i9J0_kL-mN", "sk-ant-api03-a1B2c3D4e5F6g7H8i9J0kLmN-oPqRsTAA", "sk-a1B2c3D4e5F6g7H8i9J0",
    "sk_live_51HabcdefGHIJKL0123456789", "rk_test_51HabcdefGHIJKL0123456789", "pk_live_51HabcdefGHIJKL0123456789",
    "sk_0123456789abcdef0123456789abcdef0123456789abcdef", "ek_68abcdef0123456789abcdef01234567",
    "gsk_a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6", "hf_aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH",
    "r8_a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8i",
    "dg_a1B2c3D4e5F6g7H8i9J0", "whsec_a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6", "xai-a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6",
    "xoxb-123456789012-1234567890123-a1B2c3D4e5F6g7H8i9J0a1B2", "xapp-1-A012B3CDE4F-1234567890123-a1b2c3d4e5f6",
    "ghp_a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8", "github_pat_11ABCDEFG0a1B2c3D4e5F6_g7H8i9J0",
    "glpat-a1B2c3D4e5F6g7H8i9J0",
    "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", "ya29.a0AfH6SMBa1B2c3D4e5F6g7H8i9J0_kL-mN",
    "GOCSPX-a1B2c3D4e5F6g7H8i9J0a1B2",
    "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "npm_a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8",
    "SG.a1B2c3D4e5F6g7H8i9J0kL.a1B2c3D4e5F6g7H8i9J0kLa1B2c3D4e5F6g7H8i9J",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyIn0.",
  ]

  /// Words, counts, audio and addresses: byte for byte as they were.
  static let harmless: [String] = [
    #"{"max_tokens":100,"maxTokens":"4096","tokens":["a","b"],"token_count":5,"prompt_tokens":12,"tokens_per_second":31.5}"#,
    #"{"type":"token","token":" hello"}"#, #"{"token":"secretary"}"#, #"{"token":"internationalization"}"#,
    #"{"token":{"id":1234567,"text":" hello","logprob":-0.1,"special":false}}"#, #"{"token":"COVID-19","index":3}"#,
    #"{"event":"delta","token":"supercalifragilistic","eos_token":"</s>","token_type":"word"}"#,
    #"{"keyframes":[1,2],"key":"C major","hotkey":"ctrl+f12","public_key":"MFkwEwYHKoZIzj0CAQ","monkey":"George1234567"}"#,
    #"{"secretary":"Ms Smith","author":"me","authenticated":true,"passage":"a text","compass":"north","secret_name":"db"}"#,
    #"{"text":"the password is easy to remember","transcript":"it is a secret: be kind to the secretary"}"#,
    #"{"text":"my password: \"x\"","note":"Basic training; bearer of bad news; token of love; Basic Authentication"}"#,
    #"{"password":null,"api_key":"","authorization":true,"has_password":"yes","password_required":"no"}"#,
    #"{"type":"ready","sessionId":"s_0123abcd4567ef89","protocol":"voice/1","audio":{"formats":{"in":{"rate":16000}}}}"#,
    #"{"type":"metrics","turn":1,"stt_ms":120,"llm_ttft_ms":300}"#, #"{"time_signature":"4/4","key_signature":"Gmaj"}"#,
    #"{"allowed_headers":["Authorization","Content-Type","Cookie","X-Api-Key"]}"#,
    #"{"client_secret":{"expires_at":1754000000}}"#,
    #"{"type":"text","text":"turn on the light in the living room, sk-SK and sk-learn, task-force-0123456789ab"}"#,
    #"{"url":"https://h.example.org/a/b.wav?model=x&lang=de&max_tokens=5&keyframes=1#part","id":"pk_customer_id_2"}"#,
    #"{"cursor":"eyJwYWdlIjoyfQ==","next_page_token":"CAUQAA1234567","hash":"d41d8cd98f00b204e9800998ecf8427e"}"#,
    "turn 1: stt 120 ms, llm 300 ms, tts 80 ms  client=1", "listening on ws://127.0.0.1:8765/voice",
    "give one by -H 'Authorization: Bearer TOKEN', or check it", "a token is needed: send Authorization: Bearer TOKEN",
    "no connection: 5 attempts in a row failed, the last: http://h:1/ refused",
    "OPENAI_API_KEY: not set; use --token-env",
    "it's 10:30, ratio 3:1; see https://h.example.org/@user and mail me@h.example.org", "a = b == c; key: value",
  ]
}
