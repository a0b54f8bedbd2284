# SPDX-License-Identifier: MIT
# Nacre's one build, not recursive. `make help` lists the targets and the variables.

CC      ?= cc
AR      ?= ar
PREFIX  ?= /usr/local
DESTDIR ?=
# The valgrind of Debian 12 does not read clang's DWARF 5.
# Sanitized code need not be fast, but soon compiled.
OPT     ?= -O$(if $(SAN)$(TSAN),1,2) $(if $(filter clang%,$(notdir $(CC))),-gdwarf-4,-g)
VERSION := 0.1

# What is written for one kind of processor leaves itself out, here or where it cannot be compiled.
nosimd  := $(if $(filter 0,$(SIMD)),nosimd)
nozlib  := $(if $(filter 0,$(ZLIB)),nozlib)
noargon := $(if $(filter 0,$(ARGON2)),noargon2)

# Each variant builds in a folder of its own.
comma   := ,
empty   :=
variant := $(filter clang%,$(notdir $(CC))) $(if $(SAN),san) $(if $(TSAN),tsan) $(if $(FUZZ),fuzz) \
           $(if $(COV),cov) $(nosimd) $(nozlib) $(noargon) $(CROSS)
B       := build$(subst $(empty) $(empty),,$(foreach v,$(variant),/$(v)))

sanitizers := -fsanitize=address,undefined
WARN     := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror
CFLAGS_  := -std=c11 $(OPT) $(WARN) -fno-common -fstack-protector-strong -I. \
            $(if $(SAN)$(FUZZ),$(sanitizers) -fno-sanitize-recover=all -fno-omit-frame-pointer) \
            $(if $(FUZZ),-fsanitize=fuzzer-no-link) \
            $(if $(TSAN),-fsanitize=thread -fno-omit-frame-pointer) \
            $(if $(COV),--coverage) $(if $(nosimd),-DNACRE_NO_SIMD) $(if $(nozlib),-DNACRE_NO_ZLIB) \
            $(if $(noargon),-DNACRE_NO_ARGON2) $(CFLAGS)
LDFLAGS_ := $(if $(SAN)$(FUZZ),$(sanitizers)) $(if $(TSAN),-fsanitize=thread) $(if $(COV),--coverage) \
            $(LDFLAGS)

# Tests and the demo find the programs of this variant by it, and the compiler.
export NACRE_BUILD := $(B)
export CC

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
MAKEFLAGS += --no-print-directory --output-sync

# ---------------------------------------------------------------- packages
# One line that names what to install, instead of a compiler error.
goals   := $(or $(MAKECMDGOALS),all)
for     = $(filter $(1),$(goals))
hash    := \#
probe   = $(shell printf '$(hash)include <$(1)>\n' | $(CC) $(CPPFLAGS) $(CFLAGS) -E - >/dev/null 2>&1 && echo ok)
header  = $(if $(call probe,$(1)),,$(2))
program = $(if $(shell PATH="$$PATH:/usr/sbin:/sbin"; command -v $(1)),,$(2))

suites := check check-unit check-wire check-crypt check-kex check-auth check-chan check-interop \
          check-san check-valgrind check-long build-tests
ifneq ($(filter-out help clean uninstall,$(goals)),)
missing := $(call program,$(firstword $(CC)),$(patsubst cc,gcc,$(notdir $(firstword $(CC)))))
ifeq ($(missing),)
missing := $(call header,stdlib.h,libc6-dev)
missing += $(call header,nettle/nettle-meta.h,nettle-dev) $(call header,gmp.h,libgmp-dev)
missing += $(if $(call for,$(suites)),$(call header,criterion/criterion.h,libcriterion-dev))
missing += $(if $(call for,check check-valgrind),$(call program,valgrind,valgrind))
missing += $(if $(call for,fuzz),$(call program,clang,clang libclang-rt-14-dev))
missing += $(if $(call for,check check-docs),$(call program,dot,graphviz))
missing += $(if $(call for,check check-install),$(call program,pkg-config,pkg-config))
live    := $(call for,check check-interop check-san check-long build-tests)
missing += $(if $(live),$(if $(wildcard /etc/hosts),,netbase) $(call program,tcpdump,tcpdump) $(call program,tshark,tshark))
missing += $(if $(live),$(call program,sshd,openssh-server) $(call program,ssh,openssh-client) \
                        $(call header,libssh/libssh.h,libssh-dev) $(call header,libssh2.h,libssh2-1-dev) \
                        $(call header,crypt.h,libcrypt-dev) \
                        $(call program,dropbear,dropbear-bin) $(call program,plink,putty-tools) \
                        $(call program,curl,curl) $(call program,openssl,openssl) \
                        $(if $(wildcard /usr/lib/openssh/sftp-server),,openssh-sftp-server) \
                        $(if $(wildcard /usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so),,openssh-tests) \
                        $(if $(wildcard /usr/lib/python3/dist-packages/paramiko),,python3-paramiko))
endif
ifneq ($(strip $(missing)),)
$(error Missing packages (Debian, Ubuntu): $(strip $(missing)). Install them, or use tools/bootstrap in place of make)
endif
endif

# ---------------------------------------------------------------- libraries
# In order: each stands on those before it, and on nothing else.
LIBS := wire crypt kex auth chan
below_wire  := wire
below_crypt := crypt $(below_wire)
below_kex   := kex $(below_crypt)
below_auth  := auth $(below_kex)
below_chan  := chan $(below_auth)
about_wire  := the bytes and messages of SSH
about_crypt := the ciphers, MACs, hashes and keys of SSH
about_kex   := key exchange and the transport of SSH
about_auth  := user authentication and the key files of SSH
about_chan  := channels, and the whole SSH stack

libs    := $(foreach l,$(LIBS),$(if $(wildcard lib$(l)/*.c),$(l)))
top     := $(lastword $(libs))
archive = $(B)/libnacre-$(1).a
# The archives of a library and all below it, in link order.
stack   = $(foreach l,$(filter $(libs),$(below_$(1))),$(call archive,$(l)))
# Optional: without zlib nothing is compressed (libcrypt/compress_impl.h sees that for itself).
zlib    := $(if $(nozlib),,$(if $(call probe,zlib.h),-lz))
# Optional likewise: without libargon2 an encrypted PPK file of version 3 stays closed (libauth/argon2.c).
argon2  := $(if $(noargon),,$(if $(call probe,argon2.h),-largon2))
syslibs = $(if $(filter wire,$(1)),,-lhogweed -lnettle) -lgmp $(if $(filter wire,$(1)),,$(zlib)) \
          $(if $(filter auth chan,$(1)),$(argon2)) $(if $(filter chan,$(1)),-lpthread)

objects = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)))
all_obj :=

define library
all_obj += $(call objects,lib$(1)/*.c)
$(call archive,$(1)): $(call objects,lib$(1)/*.c)
endef
$(foreach l,$(libs),$(eval $(call library,$(l))))

.PHONY: all lib
all: lib tools			## the libraries and the tools (the default)
lib: $(foreach l,$(libs),$(call archive,$(l)))	## the five archives, build/libnacre-*.a

$(B)/%.a:
	@echo "  AR      $@"
	@rm -f $@
	@$(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS_) -MMD -MP -c -o $@ $<

# A program: its own objects, then archives in link order.
link = echo "  LINK    $@"; $(CC) $(LDFLAGS_) -o $@ $(filter %.o,$^) $(filter %.a,$^)

# ---------------------------------------------------------------- tools
# A program is tools/nacre-NAME.c; it takes what it uses of the other sources in tools/.
TOOLS     := $(patsubst tools/%.c,$(B)/%,$(wildcard tools/nacre-*.c))
tool_obj  := $(call objects,tools/*.c)
tool_kit  := $(filter-out $(B)/tools/nacre-%,$(tool_obj))
kit       := $(if $(tool_kit),$(B)/tools/kit.a)
all_obj   += $(tool_obj)

.PHONY: tools demo docs
tools: $(TOOLS)			## the programs, build/nacre-*
$(B)/tools/kit.a: $(tool_kit)
$(TOOLS): $(B)/%: $(B)/tools/%.o $(kit) $(call stack,$(top))
	@$(link) $(call syslibs,$(top))

demo: all			## a first look: see tools/demo
	+tools/demo

docs: $(filter %/nacre-states,$(TOOLS))	## docs/states.md, printed from the running rules tables
	$(B)/nacre-states > $(B)/states.md && cp $(B)/states.md docs/states.md

# ---------------------------------------------------------------- tests
# Each test takes what it uses of tests/support, but for alloc.o: the linker is told of it below.
kit_obj := $(call objects,tests/support/*.c)
support := $(filter %/alloc.o,$(kit_obj)) $(B)/tests/support.a
all_obj += $(kit_obj)
$(B)/tests/support.a: $(filter-out %/alloc.o,$(kit_obj))
# Allocations pass through tests/support/alloc.c, which can make the n-th one fail.
wrap    := $(if $(wildcard tests/support/alloc.c),$(addprefix -Wl$(comma)--wrap=,malloc calloc realloc free))

# For another processor (CROSS, of check-cross) there is a stand-in for Criterion.
stand_in  := $(if $(CROSS),$(B)/tests/cross/criterion.o)
criterion := $(if $(CROSS),,-lcriterion)

# One binary a library, linked with only the archives it may use.
define unit
all_obj += $(call objects,tests/lib$(1)/*.c)
$(B)/test-$(1): $(call objects,tests/lib$(1)/*.c) $(support) $(stand_in) $(call stack,$(1))
	@$$(link) $$(wrap) $(call syslibs,$(1)) $(criterion)
.PHONY: check-$(1)
check-$(1): $(if $(wildcard tests/lib$(1)/*.c),$(B)/test-$(1))
	$(if $(wildcard tests/lib$(1)/*.c),$(B)/test-$(1))
endef
$(foreach l,$(LIBS),$(eval $(call unit,$(l))))
units   := $(foreach l,$(LIBS),$(if $(wildcard tests/lib$(l)/*.c),$(l)))
interop := $(if $(wildcard tests/interop/*.c),$(B)/test-interop)
all_obj += $(call objects,tests/interop/*.c)
$(B)/test-interop: $(call objects,tests/interop/*.c) $(support) $(call stack,$(top))
	@$(link) $(wrap) $(call syslibs,$(top)) $(criterion)

# What the interop tests run of others' libraries: no code of ours is in it.
peers := $(addprefix $(B)/peers/,libssh_client libssh_server libssh2_client account.so)
$(B)/peers/%: tests/interop/peers/%.c
	@mkdir -p $(@D)
	@echo "  PEER    $@"
	@$(CC) -std=c11 $(OPT) $(WARN) -o $@ $< $(if $(filter libssh2%,$*),-lssh2,-lssh)
$(B)/peers/%.so: tests/interop/peers/%.c
	@mkdir -p $(@D)
	@echo "  PEER    $@"
	@$(CC) -std=c11 -D_GNU_SOURCE $(OPT) $(WARN) -fPIC -shared -o $@ $< -lcrypt

# The negative corpus: cases as data, and what runs them.
all_obj += $(call objects,tests/corpus/*.c)
$(B)/corpus: $(call objects,tests/corpus/*.c) $(call stack,$(top))
	@$(link) $(call syslibs,$(top))

# Programs for valgrind, which tells what depends on secrets.
all_obj += $(call objects,tests/ct/*.c)
ct_programs := $(B)/ct_kem $(B)/ct_key
$(ct_programs): $(B)/ct_%: $(B)/tests/ct/ct_%.o $(call stack,crypt)
	@$(link) $(call syslibs,crypt)

# Threads are tried by a program of its own: Criterion and ThreadSanitizer do not go together.
all_obj += $(call objects,tests/tsan/*.c)
$(B)/stress: $(B)/tests/tsan/stress.o $(call stack,$(top))
	@$(link) $(call syslibs,$(top))

# What touches the system, compiled as for others: "bare" has POSIX and nothing else, "bsd" is macOS
# in its calls, which tests/portable makes of Linux's. The rest of the unit tests' program is as ever.
system_src := libcrypt/rng_system.c $(wildcard libchan/sock_fileno.c libchan/sock_io.c \
              libchan/sock_local.c libchan/sock_net.c libchan/worker.c)
as_bare    := -U__linux__ -Itests/portable/bare
as_bsd     := -U__linux__ -D__APPLE__ -Itests/portable/bsd -Itests/portable/bare
define portable
all_obj += $(system_src:%.c=$(B)/$(1)/%.o)
$(B)/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	@echo "  CC      $$< ($(1))"
	@$$(CC) $$(as_$(1)) $$(CPPFLAGS) $$(CFLAGS_) -MMD -MP -c -o $$@ $$<
$(B)/test-chan-$(1): $(call objects,tests/libchan/*.c) $(system_src:%.c=$(B)/$(1)/%.o) $(support) \
                     $(call stack,chan)
	@$$(link) $$(wrap) $(call syslibs,chan) $(criterion)
endef
$(foreach p,bare bsd,$(eval $(call portable,$(p))))

.PHONY: check-tsan check-stress check-portable
check-portable: $(B)/test-chan-bare $(B)/test-chan-bsd	## sock without epoll, eventfd and the like
	$(B)/test-chan-bare -j2 --filter '@(sock|sock_auth|sock_file|sock_local|sock_net|sock_open|sock_by_hand)/*'
	$(B)/test-chan-bsd -j2 --filter '@(sock*|worker)/*'
.PHONY: build-tests build-unit check check-unit check-interop check-san check-valgrind check-long \
        check-purity check-corpus check-install check-docs check-ct check-tidy
build-unit: $(units:%=$(B)/test-%)
build-tests: build-unit $(interop) $(if $(interop),$(peers) $(B)/corpus)

parts := $(units) $(if $(interop),interop) $(if $(SAN)$(COV),,corpus) $(foreach p,$(if $(SAN)$(COV),,purity $(if $(wildcard /usr/include/valgrind/memcheck.h),ct)) install docs,$(if $(wildcard tests/$(p)/run),$(p))) \
         $(if $(SAN)$(COV),,portable) san tsan valgrind
check: all build-tests		## everything below; the last line is the sum
	+@tests/tally $(MAKE) $(parts:%=check-%)
check-unit: $(units:%=check-%)	## the unit tests; check-wire ... check-chan for one library
# They wait much for one another, so four at a time. What each algorithm and key file does with each
# program, the sanitizers see in the unit tests.
rows := $(if $(SAN),--filter '!(algorithms|peers_algorithms|keyfiles)/*')
check-interop: $(interop) $(peers) $(B)/corpus tools	## with live peers on loopback
	$(if $(interop),$(interop) -j4 $(rows))
check-san:			## unit and interop tests again, fuzz targets and the corpus, under ASan and UBSan
	+@$(MAKE) -k SAN=1 check-unit check-fuzz check-corpus check-interop
# Under memcheck a process takes most of a second to begin, and every test is one: here go those that
# take a peer's bytes, in check-long all but what only computes, which is slow and has nothing that
# the sanitizers do not see.
hostile  := frame|ident|hostile|stream|negotiate|propose|extinfo|bad_client|bad_server|methods|channel|request|conn|mux
computes := agree*|gex|exchange|hybrid|legacy|bcrypt|kdf|der|pem|pkcs8|ppk|rfc4716|keyfile|base64
repeats  := every_length_*|every_cipher_*|cbc_never_*|churn_*
engines  := $(if $(NACRE_LONG),!($(computes))/!($(repeats)),@($(hostile))/!(every_*))
check-tsan:			## a connection in many threads, under ThreadSanitizer
	+@$(MAKE) TSAN=1 check-stress
check-stress: $(B)/stress
	@if $(B)/stress $(if $(NACRE_LONG),200,2); then echo "ok stress"; else echo "not ok stress"; exit 1; fi
check-valgrind: $(patsubst %,$(B)/test-%,$(filter kex auth chan,$(units)))	## the engines' tests under memcheck
	@set -e; for t in $^; do tests/memcheck $$t -j2 --filter '$(engines)'; done
check-ct: $(ct_programs)	## secrets and branches: KEMs and keys under memcheck, their secrets undefined
	@tests/ct/run $(B)
check-tidy:			## clang-tidy over libraries and tools, by .clang-tidy
	@printf '%s\n' $(wildcard $(libs:%=lib%/*.c) tools/*.c) | xargs -P2 -n8 sh -c \
	        'clang-tidy --quiet "$$@" -- -std=c11 -I. 2>/dev/null' sh
check-long:			## the slow cases too, all engine tests under memcheck, and clang-tidy
	+@NACRE_LONG=1 $(MAKE) -k check-unit check-interop check-valgrind check-tidy
check-purity: lib tools		## includes, symbols, budgets, format, comments
	@tests/purity/selftest
	@tests/purity/run $(B)
check-corpus: $(B)/corpus	## what no peer should send, tests/corpus/*.case, against our engines
	$(B)/corpus $(wildcard tests/corpus/*.case)
check-install: all		## a program outside the tree, by pkg-config
	@MAKE="$(MAKE)" tests/install/run
check-docs: lib tools		## every example in the documentation compiles and runs
	@tests/docs/run $(B)

# ---------------------------------------------------------------- fuzzing
# A target is tests/fuzz/fuzz_NAME.c. Its driver is libFuzzer (FUZZ=1, clang) or replay.c.
fuzz_obj := $(call objects,tests/fuzz/*.c)
all_obj  += $(fuzz_obj)
fuzzers  := $(patsubst tests/fuzz/%.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
driver   := $(if $(FUZZ),libfuzzer,replay)
fuzz_kit := $(filter-out $(B)/tests/fuzz/fuzz_% %/libfuzzer.o %/replay.o %/cheap.o,$(fuzz_obj))
# Deriving keys from passphrases is dear on purpose: tests/fuzz/cheap.c bounds it.
cheap    := $(addprefix -Wl$(comma)--wrap=,auth_pbkdf2 auth_scrypt auth_argon2 auth_bcrypt_pbkdf)
$(B)/tests/fuzz.a: $(fuzz_kit)
$(fuzzers): $(B)/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/$(driver).o $(B)/tests/fuzz/cheap.o $(B)/tests/fuzz.a $(B)/tests/support.a \
                    $(call stack,$(top))
	@$(link) $(if $(FUZZ),-fsanitize=fuzzer) $(cheap) $(call syslibs,$(top))

.PHONY: fuzz check-fuzz run-fuzz
check-fuzz: $(fuzzers)		## every fuzz target on its seeds and some thousand changed ones
	@tests/fuzz/check $(B) $(fuzzers:$(B)/fuzz_%=%)
fuzz:				## every fuzz target with libFuzzer, SECONDS=60 each; FUZZ_ONLY="kex conn"
	+@$(MAKE) CC=clang FUZZ=1 run-fuzz
run-fuzz: $(fuzzers)
	@tests/fuzz/campaign $(B) $(or $(SECONDS),60) $(or $(FUZZ_ONLY),$(fuzzers:$(B)/fuzz_%=%))

# ---------------------------------------------------------------- other processors and libraries
.PHONY: check-cross
check-cross:			## the unit tests on big-endian and 32-bit processors (emulated), and with musl
	+@MAKE="$(MAKE)" tests/cross/run

# ---------------------------------------------------------------- benchmarks
# That beside OpenSSL's EVP needs its headers, and is left out without them.
no_evp  := $(if $(call for,bench),$(call header,openssl/evp.h,libssl-dev))
benches := $(patsubst tests/bench/%.c,$(B)/%,$(filter-out $(if $(no_evp),%/bench_evp.c),$(wildcard tests/bench/bench_*.c)))
bench_obj := $(call objects,tests/bench/*.c)
all_obj += $(bench_obj)
$(benches): $(B)/%: $(B)/tests/bench/%.o $(filter-out $(B)/tests/bench/bench_%,$(bench_obj)) \
                  $(support) $(call stack,$(top))
	@$(link) $(wrap) $(call syslibs,$(top)) $(if $(filter %/bench_evp,$@),-lcrypto)
# Programs on other libraries, for comparison, as far as those are installed.
speeds := $(if $(call for,bench),$(if $(call probe,libssh2.h),$(B)/speed_libssh2) \
                                 $(if $(call probe,libssh/libssh.h),$(B)/speed_libssh))
$(B)/speed_%: tests/bench/peers/speed_%.c
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(CC) -std=c11 $(OPT) $(WARN) -o $@ $< -l$(if $(filter libssh2,$*),ssh2,ssh)
.PHONY: bench
bench: $(benches) tools $(peers) $(speeds)		## build and run every benchmark
	+@set -e; for b in $(benches); do $$b; done; tests/bench/loopback $(B); tests/bench/logins $(B)
	$(if $(no_evp),@echo 'Not compared with OpenSSL: its headers are not here; install $(no_evp)')

# ---------------------------------------------------------------- install
incdir    := $(PREFIX)/include/nacre
mandir    := $(PREFIX)/share/man/man1
headers   := $(filter-out %_impl.h,$(wildcard $(libs:%=lib%/*.h)))
pcs       := $(libs:%=$(B)/nacre-%.pc)
man_pages := $(wildcard docs/man/*.1)
requires_wire  := gmp
requires_crypt := nacre-wire hogweed nettle gmp $(if $(zlib),zlib)
requires_kex   := nacre-crypt
requires_auth  := nacre-kex $(if $(argon2),libargon2)
requires_chan  := nacre-auth

$(B)/nacre-%.pc: nacre.pc.in FORCE
	@mkdir -p $(@D)
	@sed -e 's|@prefix@|$(PREFIX)|' -e 's|@lib@|$*|' -e 's|@about@|$(about_$*)|' \
	     -e 's|@version@|$(VERSION)|' -e 's|@requires@|$(requires_$*)|' \
	     -e 's|@threads@|$(if $(filter chan,$*), -lpthread)|' $< > $@

put = mkdir -p $(DESTDIR)$(2); $(if $(3),install -m $(1) $(3) $(DESTDIR)$(2)/;)
installed = $(foreach l,$(libs),$(PREFIX)/lib/libnacre-$(l).a $(PREFIX)/lib/pkgconfig/nacre-$(l).pc) \
            $(headers:%=$(incdir)/%) $(TOOLS:$(B)/%=$(PREFIX)/bin/%) \
            $(man_pages:docs/man/%=$(mandir)/%)

.PHONY: install uninstall clean help FORCE
install: all $(pcs)		## libraries, headers, pkg-config files, tools and man pages, to PREFIX
	@set -e; $(call put,644,$(PREFIX)/lib,$(foreach l,$(libs),$(call archive,$(l)))) \
	$(call put,644,$(PREFIX)/lib/pkgconfig,$(pcs)) \
	$(foreach l,$(libs),$(call put,644,$(incdir)/lib$(l),$(filter lib$(l)/%,$(headers)))) \
	$(if $(TOOLS),$(call put,755,$(PREFIX)/bin,$(TOOLS))) \
	$(if $(man_pages),$(call put,644,$(mandir),$(man_pages)))
	@echo "installed in $(DESTDIR)$(PREFIX)"
uninstall:			## remove exactly what install put there
	@rm -f $(installed:%=$(DESTDIR)%)
	@for d in $(libs:%=$(DESTDIR)$(incdir)/lib%) $(DESTDIR)$(incdir); do \
		if [ -d $$d ]; then rmdir $$d; fi; done

clean:				## remove build/
	rm -rf build

help:				## this list
	@echo 'targets:'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'|' '{ printf "  %-16s %s\n", $$1, $$2 }'
	@echo 'variables:'
	@echo '  CC=clang         another compiler          OPT="-O0 -g"   other optimisation'
	@echo '  SAN=1            with ASan and UBSan       COV=1          with coverage (gcov)'
	@echo '  TSAN=1           with ThreadSanitizer'
	@echo '  SIMD=0           without code for special processors: Nettle alone'
	@echo '  ZLIB=0           without compression, as where there is no zlib'
	@echo '  ARGON2=0         without Argon2, as where there is no libargon2: see libauth/ppk.h'
	@echo '  PREFIX=/usr      where to install          DESTDIR=dir    a staging root before it'

-include $(all_obj:.o=.d)
