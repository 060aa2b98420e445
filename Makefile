# Two commands matter: `make run` and `make test`. Both install what they need (Debian, apt-get).

SWIFT  ?= swift
# With Swift's own libraries inside: to link them took longer than all the rest of a start (docs/decisions/libraries.md).
RELEASE := -c release --static-swift-stdlib
CHECK  := --explicit-target-dependency-import-check error
ARGS   ?=

BUILD_PACKAGES := pkg-config libncursesw5-dev libasound2-dev libwebsockets-dev libssl-dev libspeexdsp-dev \
  libpocketsphinx-dev libsphinxbase-dev pocketsphinx-en-us flite1-dev libmpg123-dev libopus-dev libogg-dev \
  libsndfile1-dev libsqlite3-dev libcurl4-openssl-dev espeak-ng
# Programs to be measured beside.
BENCH_PACKAGES := btop cava
TEST_PACKAGES := tmux screen openssh-client ncurses-term python3 python3-pip python3-websockets nodejs node-ws \
  openssl gcc libc6-dev
# Programs that only tests run, and that would change what runs on a machine if they were installed: each set is unpacked
# into .build/unpacked/NAME and run from there, privately. A set that cannot be had is said in one line; the tests that
# need it are left out. A set is one line here, UNPACK_name := packages.
UNPACK_ssh := openssh-server libnss-wrapper
UNPACK_lnav := lnav
UNPACK_pulseaudio := pulseaudio pulseaudio-utils libasound2-plugins
UNPACK_pipewire := pipewire pipewire-bin wireplumber pipewire-alsa pipewire-pulse pulseaudio-utils libasound2-plugins dbus-daemon
UNPACK_chromium := chromium
# What people have said, with its words: heard by the tests of recognition.
UNPACK_recordings := pocketsphinx-testdata asterisk-core-sounds-en-wav asterisk-core-sounds-en
# Vendors' own client libraries, with all that they need, for the tests that talk with them: fetched by pip into .build/python
# (`.ci/python`). Where they cannot be had, that is said in one line, and those tests are left out.
PYTHON_PACKAGES := openai==3.57.0 anthropic==2.14.0 deepgram-sdk==7.17.0 elevenlabs==2.78.0 \
  docstring_parser==0.18.0 opentelemetry_api==1.45.2 \
  websockets==17.4 pydantic==2.14.4 pydantic_core==2.50.5 annotated-types==0.8.0 \
  anyio==4.16.0 h11==0.16.0 httpcore2==2.16.2 httpx2==2.16.2 idna==3.20 jiter==0.19.0 sniffio==1.3.1 truststore==0.10.5 \
  typing_extensions==4.16.0 typing_inspection==0.4.5 av==18.1.0 \
  google-genai==3.6.1 google-auth==2.63.0 certifi==2026.10.19.post1 charset_normalizer==3.5.3 distro==1.9.0 \
  requests==2.34.2 tenacity==9.1.4 urllib3==2.8.0
UNPACKED := $(patsubst UNPACK_%,%,$(filter UNPACK_%,$(.VARIABLES)))

.PHONY: run build release deps test-deps bench-deps test bench lint screenshots clean

# `make run ENGINES=no` fetches no speech engines, and the program does without those that are not there.
ENGINES ?= yes

# A crash must give the terminal back and end: no debugger at the console.
run: release
	@test $(ENGINES) = no || .ci/engines .build/release/sidetone || true
	@SWIFT_BACKTRACE=interactive=no .build/release/sidetone $(ARGS)

# Installs what is missing, and nothing when nothing is.
deps:
	@.ci/install $(BUILD_PACKAGES)

test-deps:
	@.ci/install $(BUILD_PACKAGES) $(TEST_PACKAGES)
	@$(foreach set,$(UNPACKED),.ci/unpack $(set) $(UNPACK_$(set)) >/dev/null || true;)
	@.ci/python $(PYTHON_PACKAGES) >/dev/null || true

build: deps
	$(SWIFT) build --product sidetone $(CHECK)

# Quiet when there is nothing to do, or nothing to tell.
release: deps
	@test -x .build/release/sidetone || echo "building sidetone; the first time takes some minutes" >&2
	@$(SWIFT) build $(RELEASE) --product sidetone $(CHECK) --quiet

# The end-to-end tests speak and listen in real time on a real terminal. Those that measure times run by themselves, one
# after the other; the others in two lanes side by side.
test: export SIDETONE_BENCHMARKS := 1
test: test-deps
	$(SWIFT) build --build-tests $(CHECK)
	@.ci/engines .build/debug/sidetone .build/engines || true
	$(SWIFT) test --skip-build --skip EndToEndTests
	$(SWIFT) test --skip-build --no-parallel --filter EndToEndTests.EndToEnd
	$(SWIFT) test --skip-build --filter 'EndToEndTests.(First|Second)Lane'

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	.ci/check-imports

bench-deps: test-deps
	@.ci/install $(BENCH_PACKAGES)

bench: export SIDETONE_BENCHMARKS := 1
bench: bench-deps release
	$(SWIFT) build $(RELEASE) --product sidetone-bench $(CHECK)
	@.ci/engines .build/release/sidetone .build/engines || true
	.build/release/sidetone-bench $(ARGS)

# Draws the pictures of the README anew, in a terminal emulator that nobody sees.
screenshots: release
	@docs/screenshots/render

clean:
	rm -rf .build
