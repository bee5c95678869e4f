# One make, no recursion.  "make help" lists the targets.
#
#   tools/TOOL.c, tools/TOOL/*.c, tools/TOOL.cc  ->  build/bin/TOOL
#   lib/*/*.c                                    ->  build/libsluice.a
#   tests/unit/*.c                               ->  build/unit/*
#   tests/*.t, man/TOOL.1                        one each per tool

.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += -rR
SHELL := /bin/bash

# -R empties these; what the caller or the environment says still counts.
ifneq ($(filter default undefined,$(origin CC)),)
CC := cc
endif
ifneq ($(filter default undefined,$(origin CXX)),)
CXX := c++
endif
ifneq ($(filter default undefined,$(origin AR)),)
AR := ar
endif

PREFIX ?= /usr/local
BUILD  ?= build
CFLAGS ?= -O2 -g
CXXFLAGS ?= -O1 -g

# The one list of what we stand on, as Debian packages: to build and run, for
# the tests, and for what .ci/run does besides.  deps.sh installs what is
# missing (yyjson on Debian 12 too); DEPS=no builds with what is there.
DEB_BUILD := g++ libyyjson-dev libsqlite3-dev zlib1g-dev libisal-dev \
	libssl-dev libcurl4-openssl-dev libmicrohttpd-dev libxxhash-dev \
	libxml2-dev libtomlplusplus-dev jq curl sqlite3
DEB_CHECK := openssl perl procps time strace mandoc shellcheck rsync
DEB_CI    := clang valgrind zsh nghttp2-server

WARN    = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	  -Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
	  -Wwrite-strings -Wcast-qual -Wformat=2 -Wundef -Wvla
CXXWARN = -Wall -Wextra -Wshadow
ifdef DEV
WARN    += -Werror
CXXWARN += -Werror
endif
STD     = -std=c17 -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE
# The same whether the package is there already or not.
XML    := $(shell xml2-config --cflags 2>/dev/null || \
	    echo -I/usr/include/libxml2)
INC     = -iquote lib $(XML)
COMPILE = $(CC) $(STD) $(WARN) $(CPPFLAGS) $(INC) $(CFLAGS)
COMPILE_CXX = $(CXX) -std=c++17 $(CXXWARN) $(CPPFLAGS) $(INC) $(CXXFLAGS)
# Only what a program uses is linked, so that tools without HTTP start fast.
LINK    = $(CC) $(CFLAGS) -Wl,--as-needed $(LDFLAGS)
LDLIBS ?= -lyyjson -lsqlite3 -lz -lisal -lcrypto -lcurl -lmicrohttpd \
	  -lxxhash -lxml2 -lm

LIB   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*/*.c))
ONE   := $(patsubst tools/%.c,%,$(wildcard tools/*.c))
MANY  := $(patsubst tools/%/,%,$(sort $(dir $(wildcard tools/*/*.c))))
CXXS  := $(patsubst tools/%.cc,%,$(wildcard tools/*.cc))
TOOLS := $(sort $(ONE) $(MANY) $(CXXS))
BIN   := $(TOOLS:%=$(BUILD)/bin/%)
UNIT  := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*.c))
TESTS := $(wildcard tests/*.t)
MAN   := $(wildcard man/*.[1-8])
SCRIPTS := $(wildcard *.sh .ci/run tests/*.sh tests/*.t tests/*/*.sh \
	examples/*.sh pipelines/*.sh pipelines/*/*.sh)

PROVE ?= -Q
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover \
	-fno-omit-frame-pointer
VALGRIND := valgrind -q --leak-check=full --show-leak-kinds=definite \
	--errors-for-leak-kinds=definite --error-exitcode=99
ifneq ($(DEPS),no)
DEPS_DONE  := $(BUILD)/deps
CHECK_DONE := $(BUILD)/deps-check
endif

to       := $(DESTDIR)$(PREFIX)
# What is removed below it must never be something else.
one_word  = $(if $(filter-out 1,$(words $(to))),$(error \
	DESTDIR and PREFIX, "$(to)": one folder without blanks))
bash_dir := share/bash-completion/completions
zsh_dir  := share/zsh/site-functions

all: $(BIN)                      ## build every tool into build/bin

$(ONE:%=$(BUILD)/bin/%): $(BUILD)/bin/%: $(BUILD)/tools/%.o $(BUILD)/libsluice.a
	@mkdir -p $(@D)
	@echo '  LD  $@'
	@$(LINK) -o $@ $(filter %.o %.a,$^) $(LDLIBS)

define many_rule
$(BUILD)/bin/$(1): $(patsubst %.c,$(BUILD)/%.o,$(wildcard tools/$(1)/*.c)) \
    $(BUILD)/libsluice.a
	@mkdir -p $$(@D)
	@echo '  LD  $$@'
	@$$(LINK) -o $$@ $$(filter %.o %.a,$$^) $$(LDLIBS)
endef
$(foreach t,$(MANY),$(eval $(call many_rule,$(t))))

$(CXXS:%=$(BUILD)/bin/%): $(BUILD)/bin/%: $(BUILD)/tools/%.o \
    $(BUILD)/libsluice.a
	@mkdir -p $(@D)
	@echo '  LD  $@'
	@$(CXX) $(CXXFLAGS) -Wl,--as-needed $(LDFLAGS) -o $@ \
	    $(filter %.o %.a,$^) $(LDLIBS)

$(BUILD)/%.o: %.cc $(BUILD)/flags
	@mkdir -p $(@D)
	@echo '  CXX $@'
	@$(COMPILE_CXX) -MMD -MP -c -o $@ $<

$(UNIT): $(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libsluice.a
	@mkdir -p $(@D)
	@echo '  LD  $@'
	@$(LINK) -o $@ $(filter %.o %.a,$^) $(LDLIBS)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo '  CC  $@'
	@$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/libsluice.a: $(LIB)
	@rm -f $@
	@$(AR) rcs $@ $^

# Changes only when the compile command does, so objects follow the flags.
FLAGS := $(COMPILE) $(COMPILE_CXX) $(LDFLAGS)
ifneq ($(file <$(BUILD)/flags),$(FLAGS))
$(BUILD)/flags: FORCE
endif
$(BUILD)/flags: | $(DEPS_DONE)
	@mkdir -p $(@D)
	@echo '$(FLAGS)' > $@

$(BUILD)/deps: deps.sh Makefile
	@mkdir -p $(@D)
	@sh deps.sh $(DEB_BUILD)
	@touch $@

$(BUILD)/deps-check: deps.sh Makefile | $(BUILD)/deps
	@sh deps.sh $(DEB_CHECK)
	@touch $@

deps:                            ## install the packages that are missing
	@sh deps.sh $(DEB_BUILD) $(DEB_CHECK) $(DEPS_MORE)

check: check-tests check-headers check-layers check-man check-shell ## test all

check-tests: check-unit check-tools

# A declaration is read through toml-json.
check-unit: $(UNIT) $(BUILD)/bin/toml-json | $(CHECK_DONE) ## the tests of lib/
	prove $(PROVE) -j2 -e '$(WRAP)' $(UNIT)

# As by hand: no test sees this make's flags.
check-tools: $(BIN) | $(CHECK_DONE)   ## the tests of tools and whole flows
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
	    PATH="$(abspath $(BUILD))/bin:$$PATH" \
	    prove $(PROVE) -j4 -e sh $(TESTS)

# To look for leaks takes a program's end as long as all else: it is done where
# few programs end.
check-asan: check-asan-unit check-asan-tools ## all tests under ASan and UBSan

ASAN := BUILD=build/asan CFLAGS='$(SANITIZE)' CXXFLAGS='$(SANITIZE)'
check-asan-unit:
	SLUICE_SANITIZE=1 ASAN_OPTIONS=exitcode=99 LSAN_OPTIONS=exitcode=99 \
	    $(MAKE) $(ASAN) check-unit

# What runs the same programs very often, to kill them or to see stores grow.
REPEATS := $(addprefix tests/flow-,fetch-kill.t growth.t kill.t make.t \
	readers.t time.t)
check-asan-tools:
	SLUICE_SANITIZE=1 ASAN_OPTIONS=exitcode=99:detect_leaks=0 \
	    $(MAKE) $(ASAN) check-tools TESTS='$(filter-out $(REPEATS),$(TESTS))'

# SQLite keeps pointers into the middle of blocks: "possibly lost" says nothing.
check-valgrind:                  ## the unit tests under valgrind
	SLUICE_VALGRIND=1 $(MAKE) check-unit WRAP='$(VALGRIND)'

check-clang:                     ## clang finds nothing to say
	$(MAKE) all units check-headers CC=clang CXX=clang++ DEV=1 \
	    BUILD=build/clang

# The slow suites, of which check-tools has a short version.
check-kills: $(BIN) | $(CHECK_DONE)   ## runs and fetches, killed at 20 moments
	KILLS=20 PATH="$(abspath $(BUILD))/bin:$$PATH" \
	    prove -v -e sh tests/flow-kill.t tests/flow-fetch-kill.t

check-item-kills: $(BIN) | $(CHECK_DONE) ## the match pipeline, killed 200 times
	KILLS=200 PATH="$(abspath $(BUILD))/bin:$$PATH" \
	    prove -v -e sh tests/flow-matches.t

check-loop: $(BIN) $(BUILD)/unit/test-worker | $(CHECK_DONE) ## 200 kills of loops, a million hostile lines
	SEED=$${SEED-$$RANDOM} && echo "SEED=$$SEED" && export SEED && \
	    FUZZ=1000000 $(BUILD)/unit/test-worker && \
	    KILLS=200 PATH="$(abspath $(BUILD))/bin:$$PATH" \
	    prove -v -e sh tests/job-loop.t

check-readers: $(BIN) | $(CHECK_DONE) ## a minute of readers beside a writer
	READERS=60 PATH="$(abspath $(BUILD))/bin:$$PATH" \
	    prove -v -e sh tests/flow-readers.t

check-swaps: $(BIN) | $(CHECK_DONE)   ## 1,000 snapshots, one after the other, under load
	SWAPS=1000 PATH="$(abspath $(BUILD))/bin:$$PATH" \
	    prove -v -e sh tests/snap-serve.t

check-growth: $(BIN) | $(CHECK_DONE)  ## 10,000 refreshes without a change
	REFRESHES=10000 PATH="$(abspath $(BUILD))/bin:$$PATH" \
	    prove -v -e sh tests/flow-growth.t

check-answers: $(BUILD)/unit/test-answers $(BUILD)/bin/toml-json | $(CHECK_DONE) ## 2,000 questions to the API
	COMBINATIONS=2000 prove -e '' $(BUILD)/unit/test-answers

# tests/fuzz/fuzz-NAME.c with the pages, lines, ... of tests/fuzz/NAME to
# begin with.  (yyjson's loops add to NULL when there is nothing.)
FUZZ    := $(patsubst tests/fuzz/fuzz-%.c,%,$(wildcard tests/fuzz/fuzz-*.c))
FUZZ_SECONDS ?= 60
fuzz: $(FUZZ:%=$(BUILD)/fuzz/%)  ## hostile input by libFuzzer, FUZZ_SECONDS=60 each
	@for f in $(FUZZ); do mkdir -p $(BUILD)/fuzz/$$f.seen && \
	    $(BUILD)/fuzz/$$f -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=2048 \
	    -artifact_prefix=$(BUILD)/fuzz/$$f- $(BUILD)/fuzz/$$f.seen \
	    tests/fuzz/$$f || exit 1; done

$(BUILD)/fuzz/%: tests/fuzz/fuzz-%.c $(LIB:$(BUILD)/%.o=%.c)
	@mkdir -p $(@D)
	@echo '  FUZZ $@'
	@clang $(STD) $(INC) -g -O1 -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize=pointer-overflow \
	    -fno-sanitize-recover=undefined -Wl,--as-needed -o $@ $< \
	    $(wildcard $(addsuffix /*.c,$(addprefix lib/,base record decl \
	    text))) $(LDLIBS)

bench: $(BIN)                    ## measure, next to a peer in the same run
	@for b in tests/bench/*.sh; do echo "$$b"; bash $$b; done

units: $(UNIT)

check-headers: | $(DEPS_DONE)     ## every header compiles on its own
	@for h in lib/*/*.h; do \
	    $(CC) $(STD) $(WARN) -Werror $(INC) -fsyntax-only -include $$h \
	        -x c - <<<'typedef int unit;' || exit 1; done

check-layers:                    ## a file includes only its layer and below
	@sh tests/layers.sh

check-man: | $(CHECK_DONE)       ## lint the manual
	mandoc -T lint -W warning $(MAN)

check-shell: | $(CHECK_DONE)     ## lint the scripts
	shellcheck -S warning $(SCRIPTS)

# DESTDIR is put in front of everything, for packagers.
install: all                     ## install below PREFIX (/usr/local)
	$(one_word)install -d $(to)/bin $(to)/share/sluice
	install -m 755 $(BIN) $(to)/bin
	cp -R pipelines examples $(to)/share/sluice
	for m in $(MAN); do \
	    install -D -m 644 $$m $(to)/share/man/man$${m##*.}/$${m##*/}; done
	install -d $(to)/$(bash_dir) $(to)/$(zsh_dir)
	for t in $(TOOLS); do \
	    $(BUILD)/bin/$$t --completion bash > $(to)/$(bash_dir)/$$t && \
	    $(BUILD)/bin/$$t --completion zsh > $(to)/$(zsh_dir)/_$$t || \
	    exit 1; done

uninstall:                       ## remove what install put there
	$(one_word)rm -rf $(to)/share/sluice
	rm -f $(TOOLS:%=$(to)/bin/%) $(TOOLS:%=$(to)/$(bash_dir)/%) \
	    $(TOOLS:%=$(to)/$(zsh_dir)/_%)
	for m in $(MAN); do \
	    rm -f $(to)/share/man/man$${m##*.}/$${m##*/}; done

# The pipelines, by their own makefiles: make run PIPELINE=soc SOC=URL …
PIPELINE ?= soc
run:                             ## the main job of PIPELINE (soc)
refresh:                         ## fetch and build once
plan fetch stage promote ready:  ## one stage of it
snapshot:                        ## a snapshot of what is ready
publish:                         ## let readers have it
serve:                           ## the read API over it; PORT=… (8080)
summary:                         ## what its last run did
prune:                           ## remove what its retention lets go
rebuild:                         ## its database again, from the raw store
rollback:                        ## VERSION=… again for DATASET=…
run refresh plan fetch stage promote ready snapshot publish serve summary \
    prune rebuild rollback: all
	@PATH="$(abspath $(BUILD))/bin:$$PATH" $(MAKE) --no-print-directory \
	    -f pipelines/$(PIPELINE)/$(PIPELINE).mk $@

# Several of them are made in order, whatever -j says.
ifneq ($(word 2,$(filter plan fetch stage promote ready snapshot publish summary \
    prune rebuild rollback,$(MAKECMDGOALS))),)
.NOTPARALLEL:
endif

clean:                           ## remove build/
	rm -rf build

help:                            ## this list
	@sed -n 's/^\([a-z -]*\):.*## /\1	/p' Makefile | expand -t 32

FORCE:
.PHONY: all check check-tests check-unit check-tools check-asan \
	check-asan-unit check-asan-tools check-valgrind \
	check-answers check-clang check-growth check-item-kills check-kills \
	check-loop check-readers check-swaps bench fuzz units \
	check-headers check-layers check-man check-shell install uninstall \
	deps run refresh plan fetch stage promote ready snapshot publish \
	serve summary prune rebuild rollback clean help FORCE

-include $(LIB:.o=.d) $(UNIT:$(BUILD)/unit/%=$(BUILD)/tests/unit/%.d) \
    $(wildcard $(BUILD)/tools/*.d $(BUILD)/tools/*/*.d)
