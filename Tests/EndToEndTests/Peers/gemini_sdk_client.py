"""A spoken conversation with a server of Gemini Live, through the vendor's Python SDK and nothing else.

  gemini_sdk_client.py URL QUESTION.wav STORY.wav WEATHER.wav

URL is of the form http://127.0.0.1:PORT. WAV files have one channel and 16 bits at 16 kHz: a question, a request for a
long answer, and one that needs the tool. It speaks the question and hears the answer whole; asks for the story, and
speaks the question again over the answer; then the weather: it answers the tool call, and hears the words that follow.
The SDK's models refuse what they do not know. Prints one JSON object with what was seen.

The SDK makes `wss` of every address; the scheme alone is changed here, so that no certificate is needed.
"""

import asyncio, audioop, json, math, sys, time, wave

from google import genai
from google.genai import types

STEP = 0.02


def read(name):
    with wave.open(name) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16000), name
        return file.readframes(file.getnframes())


class Talk:
    def __init__(self, session):
        self.session, self.speech, self.messages = session, b"", []
        self.seen = asyncio.Condition()
        self.ear_ends = 0.0  # when the last sample that was received is heard

    async def microphone(self):
        """Speech, and silence when there is none, in real time."""
        piece, due = int(16000 * STEP) * 2, time.monotonic()
        while True:
            part, self.speech = self.speech[:piece], self.speech[piece:]
            await self.session.send_realtime_input(
                audio=types.Blob(data=part.ljust(piece, b"\0"), mime_type="audio/pcm;rate=16000"))
            due += STEP
            await asyncio.sleep(max(0, due - time.monotonic()))

    async def ear(self):
        while True:
            # Ends with each turn.
            async for message in self.session.receive():
                if message.data:
                    self.ear_ends = max(time.monotonic(), self.ear_ends) + len(message.data) / 48000
                async with self.seen:
                    self.messages.append(message)
                    self.seen.notify_all()

    async def until(self, what, test, since=0):
        def found():
            return next((message for message in self.messages[since:] if test(message)), None)
        async with self.seen:
            try:
                await asyncio.wait_for(self.seen.wait_for(found), 60)
            except asyncio.TimeoutError:
                last = [m.model_dump(exclude_none=True, exclude={"server_content": {"model_turn"}})
                        for m in self.messages[-8:]]
                raise SystemExit(f"waited in vain for {what}; last: {last}")
        return found()

    async def content(self, name, since, value=True):
        return await self.until(name, lambda m: m.server_content and getattr(m.server_content, name) is value, since)

    def heard(self, since):
        """What came: the user's words, the agent's words, the agent's audio."""
        user, agent, audio = "", "", b""
        for message in self.messages[since:]:
            content = message.server_content
            if content is None: continue
            if content.input_transcription: user += content.input_transcription.text or ""
            if content.output_transcription: agent += content.output_transcription.text or ""
            audio += message.data or b""
        return user, agent, audio

    async def quiet(self):
        await asyncio.sleep(max(0, self.ear_ends - time.monotonic()))


async def main():
    url, question, story, weather = sys.argv[1], *map(read, sys.argv[2:5])
    client = genai.Client(api_key="a-test-and-not-a-key", http_options={"base_url": url})
    secure = client._api_client._websocket_base_url
    client._api_client._websocket_base_url = lambda options=None: secure(options).replace("wss:", "ws:", 1)
    client._api_client._websocket_ssl_ctx = {}
    weather_tool = types.FunctionDeclaration(
        name="get_weather", description="The weather in a city.",
        parameters=types.Schema(type="OBJECT", properties={"city": types.Schema(type="STRING")}, required=["city"]))
    config = types.LiveConnectConfig(
        response_modalities=["AUDIO"], input_audio_transcription={}, output_audio_transcription={},
        system_instruction="Be brief.", tools=[types.Tool(function_declarations=[weather_tool])],
        speech_config=types.SpeechConfig(voice_config=types.VoiceConfig(
            prebuilt_voice_config=types.PrebuiltVoiceConfig(voice_name="Puck"))))
    result = {}
    async with client.aio.live.connect(model="gemini-live", config=config) as session:
        talk = Talk(session)
        tasks = [asyncio.ensure_future(talk.ear()), asyncio.ensure_future(talk.microphone())]

        # A turn that is heard whole.
        talk.speech += question
        await talk.content("generation_complete", 0)
        await talk.content("turn_complete", 0)
        user, agent, audio = talk.heard(0)
        result["turn"] = {"user": user, "agent": agent, "ms": len(audio) // 48,
                          "dB": round(20 * math.log10(max(audioop.rms(audio, 2), 1) / 32768), 1)}
        await talk.quiet()

        # A turn that is cut by the voice.
        since = len(talk.messages)
        talk.speech += story
        await talk.until("audio", lambda m: m.data, since)
        await asyncio.sleep(1.0)
        cut = len(talk.messages)
        talk.speech += question
        await talk.content("interrupted", cut)
        talk.ear_ends = time.monotonic()
        whole = [m for m in talk.messages[since:] if m.server_content and m.server_content.generation_complete]
        await talk.content("generation_complete", cut)
        result["cut"] = {"was_whole": bool(whole), "then": talk.heard(cut)[0]}
        await talk.quiet()

        # A turn with a tool. A recognizer may hear other words: then it is asked again, a little later within its frame.
        for attempt in range(5):
            since = len(talk.messages)
            talk.speech += bytes(attempt * 96) + weather
            answer = await talk.until("an answer", lambda m: m.tool_call or (
                m.server_content and m.server_content.turn_complete), since)
            if answer.tool_call:
                break
            await talk.quiet()
        else:
            raise SystemExit(f"no tool call; understood: {talk.heard(0)[0]}")
        call = answer.tool_call.function_calls[0]
        since = len(talk.messages)
        await session.send_tool_response(function_responses=types.FunctionResponse(
            id=call.id, name=call.name, response={"weather": "snow"}))
        await talk.content("turn_complete", since)
        result["tool"] = {"name": call.name, "arguments": call.args, "answer": talk.heard(since)[1]}
        for task in tasks: task.cancel()
        result["voice_activity"] = sorted({
            m.voice_activity.voice_activity_type.value for m in talk.messages
            if m.voice_activity and m.voice_activity.voice_activity_type})
    print(json.dumps(result, indent=1))


asyncio.run(main())
