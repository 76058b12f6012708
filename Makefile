# SPDX-License-Identifier: GPL-2.0-or-later
#
# ksrtp: the module, the tool, the library and their tests.  Everything made
# goes below build/; `make help` lists the targets.

VERSION		:= 0.1.0

PREFIX		?= /usr/local
BINDIR		?= $(PREFIX)/sbin
LIBDIR		?= $(PREFIX)/lib
INCLUDEDIR	?= $(PREFIX)/include
MANDIR		?= $(PREFIX)/share/man
COMPLETIONDIR	?= $(PREFIX)/share/bash-completion/completions
DESTDIR		?=

B		:= build
U		:= $(B)/user
ST		:= $(B)/selftests

# --- which kernel ------------------------------------------------------------
# The headers of the running kernel, else the newest Debian ones installed.

RUNNING		:= $(wildcard /lib/modules/$(shell uname -r)/build)
NEWEST		:= $(shell ls -d /usr/src/linux-headers-*-amd64 2>/dev/null | \
			grep -v -e -rt-amd64 -e -cloud-amd64 | sort -V | tail -n 1)
KDIR		?= $(or $(RUNNING),$(NEWEST))
KVER		:= $(if $(KDIR),$(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
			$(KDIR)/include/generated/utsrelease.h 2>/dev/null))
KB		:= $(B)/$(KVER)

all: module tool library

help:
	@sed -n 's/^## //p' Makefile

## make                 module, tool and library
## make install         all of it, with PREFIX= and DESTDIR=; make uninstall
## make dkms            registers the module with DKMS
## make deb             Debian packages below build/deb
## make deps            the Debian packages needed (installs them when root); the targets
##                      below do so by themselves, FOR="test demo..." does it for them
## make test            everything: units, then selftests in a VM; T="NAME..." for some
## make test-long       100,000 random packets a suite and direction (RANDOM_PACKETS=N)
## make test-races      each race for half a minute (RACE_SECONDS=N), on 6.12 and the kernel with KASAN
## make test-debug      selftests on a kernel with KASAN, lockdep and kmemleak, and on one with KCSAN
## make coverage        which lines of the module the last make test-debug reached
## make test-ci         units, then selftests on 6.1, 6.12 and the kernel with KASAN, there not all
## make test-arm64      core selftests on Debian's 6.12 for arm64, emulated
## make test-matrix     selftests on every supported kernel (KERNELS="6.1 6.12 7.2")
## make load            10,000 peers, 100,000 streams, and long floods beside a stream (LOAD=100)
## make soak            random changes under traffic on the debug kernel (SOAK_SECONDS=1800)
## make interop-doc     Documentation/interop.rst's table from the last make test
## make demo            real media through the relay, in a VM
## make bench           cost per packet, in a VM under instruction counting
## make check           sparse, W=1, checkpatch, shellcheck, generated files current
## make fuzz            the fuzzers for a bounded time (FUZZ_SECONDS=30 each), then their coverage
## make fuzz-long       the same, FUZZ_ROUNDS=10 times, a minute or more each
## make fuzz-coverage   how many lines the fuzzers' seeds reach
## make fuzz-merge      what the fuzzers found and no seed reaches becomes a seed
## make fuzz-kernel     mutated packets and netlink messages, on User-Mode Linux with KASAN
##                      (FUZZ_KERNEL=debug: on the debug kernel in a VM)
## make clean           all but the cache of kernels; make distclean that too
##
## KDIR=DIR builds against other kernel headers, V=1 shows the commands.

Q		:= $(if $(V),,@)
say		= @$(if $(V),:,printf '  %-8s%s\n' '$1' '$2')

# --- module ------------------------------------------------------------------
# kbuild writes beside its sources.  So that modules for several kernels stand
# side by side, each is built in build/VERSION from links to the sources.  Of
# two makes at once in one tree the second waits there.  Below mod/ it may be
# the helpers that are being built.

LINKED		:= Kbuild $(wildcard kmod/*.[ch] kmod/*/*.[ch] uapi/linux/*.h)
# The first is for what x86 kernels do with the FPU alone.
HELPERS		:= $(filter-out $(if $(filter-out x86%,$(or $(ARCH),$(shell uname -m))),%/fpu_hold.c), \
			$(wildcard selftests/mod/*.c))

module: kdir
	$(Q)mkdir -p $(sort $(dir $(LINKED:%=$(KB)/%)))
	$(Q)find $(KB) -path $(KB)/mod -prune -o -xtype l -exec rm {} +
	$(Q)for f in $(LINKED); do \
		[ $(KB)/$$f -ef $$f ] || ln -sf $(CURDIR)/$$f $(KB)/$$f; \
	done
	$(Q)+flock $(KB) $(MAKE) --no-print-directory -C $(KDIR) M=$(CURDIR)/$(KB) $(KFLAGS) modules

# Others' implementations that the selftests talk to and deps.sh does not install
peers: kdir
	$(Q)+flock $(B) selftests/peers.sh $(KDIR)

# Helper modules of the selftests: built as a second external module.
helpers: kdir
ifneq ($(HELPERS),)
	$(Q)mkdir -p $(KB)/mod
	$(Q)find $(KB)/mod -xtype l -delete
	$(Q)ln -sf $(HELPERS:%=$(CURDIR)/%) $(wildcard $(CURDIR)/selftests/mod/*.h) $(KB)/mod/
	$(Q)printf 'obj-m := %s\nccflags-y := -I%s -I%s\n' \
		"$(notdir $(HELPERS:.c=.o))" $(CURDIR)/kmod $(CURDIR)/uapi > $(KB)/mod/Kbuild
	$(Q)+flock $(KB)/mod $(MAKE) --no-print-directory -C $(KDIR) M=$(CURDIR)/$(KB)/mod $(KFLAGS) modules
	$(Q)cp -u $(KB)/mod/*.ko $(KB)/
endif

kdir:
	@[ -n "$(KVER)" ] || { \
		echo "No kernel headers: $(if $(KDIR),$(KDIR) holds none,none are installed)." >&2; \
		echo "\`make deps' installs Debian's; KDIR=DIR names others." >&2; exit 1; }
	@echo "Building for kernel $(KVER) ($(if $(filter-out undefined,$(KDIR_ORIGIN)),as \
KDIR= says,$(if $(RUNNING),the running kernel,the newest headers installed))): $(KDIR)"

KDIR_ORIGIN	:= $(filter command line environment,$(origin KDIR))

# --- user space --------------------------------------------------------------

CFLAGS		?= -O2 -g
WARN		:= -Wall -Wextra $(if $(WERROR),-Werror)
HARDEN		:= -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine)),)
HARDEN		+= -fcf-protection
endif
SAN		:= -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDHARDEN	:= -Wl,-z,relro,-z,now -Wl,--as-needed
PKG		= $(shell pkg-config $1 libmnl libcrypto)
INCLUDES	:= -D_GNU_SOURCE= -Iuapi -Iuserspace/lib -Ikmod
COMPILE		= $(CC) -std=gnu11 $(WARN) $(INCLUDES) $(CPPFLAGS) $(PKGCFLAGS) $(CFLAGS) -MMD -MP

# Asked once, and only where something is compiled.
PKGCFLAGS	= $(eval PKGCFLAGS := $$(call PKG,--cflags))$(PKGCFLAGS)
PKGLIBS		= $(eval PKGLIBS := $$(call PKG,--libs))$(PKGLIBS)

LIB_SRC		:= $(wildcard userspace/lib/*.c) $(wildcard kmod/suite.c)
TOOL_SRC	:= $(wildcard userspace/ksrtp/*.c)
PURE_SRC	:= $(wildcard $(addprefix kmod/,packet.c index.c replay.c suite.c))
LIB_OBJ		:= $(LIB_SRC:%.c=$(U)/obj/%.o)
TOOL_OBJ	:= $(TOOL_SRC:%.c=$(U)/obj/%.o)
MAP		:= $(wildcard userspace/lib/libksrtp.map)

tool: $(if $(TOOL_SRC),$(U)/ksrtp)
library: $(if $(LIB_SRC),$(U)/libksrtp.a $(U)/libksrtp.so.1 $(U)/libksrtp.pc)
user: tool library

$(U)/obj/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) $(HARDEN) -fPIC -c -o $@ $<

$(U)/libksrtp.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(U)/libksrtp.so.1: $(LIB_OBJ) $(MAP)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(LDHARDEN) -shared -Wl,-soname,libksrtp.so.1 \
		$(if $(MAP),-Wl$(comma)--version-script=$(MAP)) \
		-o $@ $(LIB_OBJ) $(PKGLIBS)
	$(Q)ln -sf libksrtp.so.1 $(U)/libksrtp.so

comma		:= ,

# Names where it will be installed, so it follows every change of PREFIX.
$(U)/libksrtp.pc: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' 'Name: libksrtp' 'Description: Keys and sockets for in-kernel SRTP' \
		'Version: $(VERSION)' 'Requires.private: libmnl libcrypto' \
		'Libs: -L$(LIBDIR) -lksrtp' 'Cflags: -I$(INCLUDEDIR)' > $@

$(U)/ksrtp: $(TOOL_OBJ) $(U)/libksrtp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(LDHARDEN) -pie -o $@ $^ $(PKGLIBS)

# --- selftests' programs -----------------------------------------------------
# selftests/tests/NAME.c runs in the VM, selftests/unit/NAME.c here.  The
# units, and all they test, are built with the address and undefined-behaviour
# sanitizers; pure kernel files and the tool's parts can be linked by them.

S		:= $(B)/san
TEST_SRC	:= $(wildcard selftests/tests/*.c)
UNIT_SRC	:= $(wildcard selftests/unit/*.c)
HELP_SRC	:= $(wildcard selftests/lib/*.c)
TESTS		:= $(TEST_SRC:selftests/tests/%.c=$(ST)/%)
UNITS		:= $(UNIT_SRC:selftests/unit/%.c=$(ST)/unit/%)
FUZZ_SRC	:= $(filter-out %/driver.c,$(wildcard selftests/fuzz/*.c userspace/fuzz/*.c))
FUZZERS		:= $(patsubst %.c,$(ST)/fuzz/%,$(notdir $(FUZZ_SRC)))

# What a test needs besides, by pkg-config
NEEDS_interop_ffmpeg	:= libavformat libavutil
NEEDS_interop_gstreamer	:= gstreamer-check-1.0
needs		= $(if $(NEEDS_$(notdir $*)),$(shell pkg-config $1 $(NEEDS_$(notdir $*))))

tests: $(TESTS)
units: $(UNITS) $(FUZZERS)

$(ST)/obj/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -Iselftests/lib $(call needs,--cflags) -pthread -c -o $@ $<

$(ST)/libselftest.a: $(HELP_SRC:%.c=$(ST)/obj/%.o)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(TESTS): $(ST)/%: $(ST)/obj/selftests/tests/%.o $(ST)/libselftest.a $(U)/libksrtp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -pthread -o $@ $^ $(PKGLIBS) $(if $(findstring libsrtp,$*),-lsrtp2) $(if $(findstring dtls_,$*),-lssl) \
		$(call needs,--libs)

# pion/srtp and pion/dtls, as Debian packages their sources
PION_SRC	:= $(wildcard selftests/pion/*.go)

peers: $(if $(PION_SRC),$(ST)/pion)

$(ST)/pion: $(PION_SRC)
	$(call say,GO,$@)
	$(Q)mkdir -p $(@D) $(B)/cache/go
	$(Q)cd selftests/pion && GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS=-trimpath \
		GOCACHE=$(CURDIR)/$(B)/cache/go CGO_ENABLED=0 go build -o $(CURDIR)/$@ -ldflags "-X \
		main.version=$$(dpkg-query -W -f '$${source:Upstream-Version}' golang-github-pion-srtp.v2-dev)" .

$(S)/%.o: %.c
	$(call say,CC,$< (sanitized))
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) $(SAN) -Iselftests/lib -Iuserspace/ksrtp -pthread -c -o $@ $<

# main() is the unit's.
$(S)/libunit.a: $(patsubst %.c,$(S)/%.o,$(HELP_SRC) $(LIB_SRC) $(filter-out $(LIB_SRC),$(PURE_SRC)) \
		$(filter-out %/main.c %/ksrtp.c,$(TOOL_SRC)))
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(UNITS): $(ST)/unit/%: $(S)/selftests/unit/%.o $(S)/libunit.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -pthread -o $@ $^ $(PKGLIBS) $(if $(findstring libsrtp,$*),-lsrtp2)

$(FUZZERS): $(S)/userspace/fuzz/driver.o $(S)/libunit.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -pthread -o $@ $(filter %/$(@F).o,$^) $(filter-out %/$(@F).o,$^) $(PKGLIBS)
$(foreach src,$(FUZZ_SRC),$(eval $(ST)/fuzz/$(notdir $(src:.c=)): $(S)/$(src:.c=.o)))

-include $(wildcard selftests/lib/gen/*.mk)

.SECONDARY:

# --- tests -------------------------------------------------------------------
# The packages come first, in a make of their own: what was just installed
# (kernel headers, pkg-config) decides what the next make sees.

export T

FOR		?= build

deps:
	$(Q)selftests/deps.sh $(FOR)

test:
	$(Q)selftests/deps.sh build test
	$(Q)selftests/test.sh --units 6.1

# No other selftest takes longer than in `make test'.
RANDOM_PACKETS	?= 100000

test-long: export KSRTP_RANDOM = $(RANDOM_PACKETS)
test-long: export KSRTP_TEST_SECONDS ?= 7000
test-long: export KSRTP_VM_SECONDS ?= 7200
test-long: export T = random_packets
test-long:
	$(Q)selftests/deps.sh build test
	$(Q)selftests/test.sh 6.1

# On 6.12 with its slabs poisoned many rounds, on the kernel with KASAN few that it sees more of;
# RACE_KERNELS=kcsan looks for data races.
RACE_SECONDS	?= 30
RACE_KERNELS	?= 6.12 debug

test-races: export KSRTP_RACE_SECONDS = $(RACE_SECONDS)
test-races: export KSRTP_TEST_SECONDS ?= $(shell expr 300 + 12 \* $(RACE_SECONDS))
test-races: export KSRTP_VM_SECONDS ?= 7200
test-races: export T = race_* many_cpus srtcp_index_raced replay_raced delete_under_traffic key_deleted_while_sending
test-races:
	$(Q)selftests/deps.sh build test debug
	$(Q)selftests/test.sh $(RACE_KERNELS)

# So many times what `make test' has.
LOAD		?= 100

load: export KSRTP_LOAD = $(LOAD)
load: export KSRTP_TEST_SECONDS ?= 3000
load: export KSRTP_VM_SECONDS ?= 3600
load: export T = load flood_beside
load:
	$(Q)selftests/deps.sh build test
	$(Q)selftests/test.sh 6.1

SOAK_SECONDS	?= 1800

soak: export KSRTP_SOAK = $(SOAK_SECONDS)
soak: export KSRTP_TEST_SECONDS ?= $(shell expr $(SOAK_SECONDS) + 1200)
soak: export KSRTP_VM_SECONDS ?= $(shell expr $(SOAK_SECONDS) + 1200)
soak: export T = soak
soak:
	$(Q)selftests/deps.sh build test debug
	$(Q)selftests/test.sh debug

# Mutated packets and netlink messages, on a kernel with KASAN and lockdep that is a program
# of this machine. What was found is repeated by FUZZ_SEED=N, as the test says.
FUZZ_KERNEL	?= uml
FUZZ_PACKETS	?= 2000000
FUZZ_MESSAGES	?= 1000000
FUZZ_SEED	?= 1

fuzz-kernel: export KSRTP_FUZZ_PACKETS = $(FUZZ_PACKETS)
fuzz-kernel: export KSRTP_FUZZ_MESSAGES = $(FUZZ_MESSAGES)
fuzz-kernel: export KSRTP_FUZZ_SEED = $(FUZZ_SEED)
fuzz-kernel: export KSRTP_TEST_SECONDS ?= 14000
fuzz-kernel: export KSRTP_VM_SECONDS ?= 7200
fuzz-kernel: export T = packet_fuzz netlink_fuzz
fuzz-kernel:
	$(Q)selftests/deps.sh build test debug
	$(Q)selftests/test.sh $(FUZZ_KERNEL)
# Some tests by name run on the first alone, unless the kernels are named too.
DEBUG_KERNELS	?= debug $(if $(T),,kcsan)

test-debug:
	$(Q)selftests/deps.sh build test debug
	$(Q)selftests/test.sh $(DEBUG_KERNELS)

# From what test-debug counted; the document says which lines it did not reach, and why.
coverage:
	$(Q)selftests/coverage.sh -w

# Debian's stock ones, each built for by the compiler of its own Debian
KERNELS		?= 6.1 6.12 7.2

test-matrix:
	$(Q)selftests/deps.sh build test
	$(Q)selftests/test.sh --units $(KERNELS)

test-ci:
	$(Q)selftests/deps.sh build test debug
	$(Q)selftests/test.sh --units --brief 6.1 6.12 debug

# Cross-built, for a processor that is emulated; the kernel is Debian's
CORE		:= vectors_hbh vectors_e2e endpoint_rtp endpoint_rtcp endpoint_families relay_one_to_one \
		   relay_fanout replay_window roc random_packets tamper_srtp exact_sizes

test-arm64: export T := $(or $(T),$(CORE))
test-arm64:
	$(Q)selftests/deps.sh build test arm64
	$(Q)selftests/test.sh arm64

interop-doc:
	$(Q)selftests/interop.sh -d $(B)/test/6.1

demo:
	$(Q)selftests/deps.sh build test demo
	$(Q)selftests/demo/run.sh

bench:
	$(Q)selftests/deps.sh build test bench
	$(Q)selftests/bench/run.sh

check:
	$(Q)selftests/deps.sh build test check
	$(Q)selftests/check.sh

fuzz:
	$(Q)selftests/deps.sh build fuzz
	$(Q)selftests/fuzz.sh run
	$(Q)selftests/fuzz.sh coverage

# A target that is fast gets more of it: executions are what counts there.
FUZZ_ROUNDS	?= 10
FUZZ_FAST	?= index packet trailer

fuzz-long: export FUZZ_SECONDS ?= 60
fuzz-long:
	$(Q)selftests/deps.sh build fuzz
	$(Q)for round in $$(seq $(FUZZ_ROUNDS)); do \
		selftests/fuzz.sh run && FUZZ_SECONDS=$$((10 * FUZZ_SECONDS)) \
			selftests/fuzz.sh run $(FUZZ_FAST) || exit; \
	done
	$(Q)selftests/fuzz.sh record

fuzz-coverage:
	$(Q)selftests/deps.sh build fuzz
	$(Q)selftests/fuzz.sh coverage

fuzz-merge:
	$(Q)selftests/fuzz.sh merge

# --- installing --------------------------------------------------------------

MODDEST		= $(DESTDIR)/lib/modules/$(KVER)/updates
HEADERS		:= $(wildcard userspace/lib/libksrtp.h)
PAGES		:= $(wildcard userspace/man/*.[1-9])
COMPLETION	:= $(wildcard userspace/completion/ksrtp)
INSTALL		:= install

install: all install-module install-user

install-module: module
	$(Q)$(INSTALL) -D -m 644 $(KB)/ksrtp.ko $(MODDEST)/ksrtp.ko
ifeq ($(DESTDIR),)
	$(Q)PATH=$$PATH:/usr/sbin:/sbin depmod $(KVER)
endif

install-user: user
	$(Q)$(INSTALL) -D -m 755 $(U)/ksrtp $(DESTDIR)$(BINDIR)/ksrtp
	$(Q)$(INSTALL) -D -m 644 $(U)/libksrtp.a $(DESTDIR)$(LIBDIR)/libksrtp.a
	$(Q)$(INSTALL) -D -m 644 $(U)/libksrtp.so.1 $(DESTDIR)$(LIBDIR)/libksrtp.so.1
	$(Q)ln -sf libksrtp.so.1 $(DESTDIR)$(LIBDIR)/libksrtp.so
	$(Q)$(INSTALL) -D -m 644 $(U)/libksrtp.pc $(DESTDIR)$(LIBDIR)/pkgconfig/libksrtp.pc
	$(Q)$(INSTALL) -D -m 644 -t $(DESTDIR)$(INCLUDEDIR) $(HEADERS)
	$(Q)$(INSTALL) -D -m 644 -t $(DESTDIR)$(INCLUDEDIR)/linux uapi/linux/ksrtp.h
	$(Q)$(foreach page,$(PAGES),$(INSTALL) -D -m 644 -t \
		$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page))) $(page) &&) true
	$(Q)$(if $(COMPLETION),$(INSTALL) -D -m 644 -t $(DESTDIR)$(COMPLETIONDIR) $(COMPLETION),true)

uninstall:
	$(Q)rm -f $(MODDEST)/ksrtp.ko $(DESTDIR)$(BINDIR)/ksrtp \
		$(addprefix $(DESTDIR)$(LIBDIR)/,libksrtp.a libksrtp.so libksrtp.so.1 \
			pkgconfig/libksrtp.pc) \
		$(addprefix $(DESTDIR)$(INCLUDEDIR)/,$(notdir $(HEADERS)) linux/ksrtp.h) \
		$(foreach page,$(PAGES),$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page))) \
		$(addprefix $(DESTDIR)$(COMPLETIONDIR)/,$(notdir $(COMPLETION)))
ifeq ($(DESTDIR),)
	$(Q)[ -z "$(KVER)" ] || PATH=$$PATH:/usr/sbin:/sbin depmod $(KVER)
endif

# What DKMS builds from: the module's sources and how to make it of them.
DKMS		:= /usr/src/ksrtp-$(VERSION)

define DKMS_CONF
PACKAGE_NAME="ksrtp"
PACKAGE_VERSION="$(VERSION)"
BUILT_MODULE_NAME[0]="ksrtp"
DEST_MODULE_LOCATION[0]="/updates"
MAKE[0]="make -C $${kernel_source_dir} M=$${dkms_tree}/ksrtp/$(VERSION)/build modules"
CLEAN="make -C $${kernel_source_dir} M=$${dkms_tree}/ksrtp/$(VERSION)/build clean"
AUTOINSTALL="yes"
endef

dkms-source:
	$(Q)rm -rf $(DESTDIR)$(DKMS)
	$(Q)for f in $(LINKED); do \
		$(INSTALL) -D -m 644 $$f $(DESTDIR)$(DKMS)/$$f || exit; \
	done
	$(file >$(B)/dkms.conf,$(DKMS_CONF))
	$(Q)$(INSTALL) -m 644 $(B)/dkms.conf $(DESTDIR)$(DKMS)/dkms.conf

dkms:
	$(Q)selftests/deps.sh dkms
	$(Q)mkdir -p $(B)
	$(Q)! dkms status ksrtp/$(VERSION) | grep -q . || dkms remove ksrtp/$(VERSION) --all
	$(Q)+$(MAKE) --no-print-directory dkms-source
	$(Q)dkms add ksrtp/$(VERSION)
	$(Q)dkms install ksrtp/$(VERSION) -k $(KVER)

# Two packages: the sources for DKMS, and tool with library.
DEB		:= $(B)/deb
DEBARCH		= $(shell dpkg --print-architecture)
MAINTAINER	?= $(shell git log -1 --format='%an <%ae>' 2>/dev/null)

define DEB_DKMS
Package: ksrtp-dkms
Version: $(VERSION)
Architecture: all
Maintainer: $(MAINTAINER)
Depends: dkms, linux-headers-amd64 | linux-headers-generic | linux-headers
Section: kernel
Priority: optional
Description: SRTP on ordinary UDP sockets, in the kernel (module)
 Sources of the kernel module ksrtp, built by DKMS for each kernel that is
 installed.
endef

define DEB_TOOLS
Package: ksrtp-tools
Version: $(VERSION)
Architecture: $(DEBARCH)
Maintainer: $(MAINTAINER)
Depends: $(shell sed -n 's/^shlibs:Depends=//p' $(DEB)/substvars)
Recommends: ksrtp-dkms
Section: net
Priority: optional
Description: SRTP on ordinary UDP sockets, in the kernel (tool and library)
 The command ksrtp, which hands sockets and keys to the kernel module, and the
 library libksrtp for programs that do it themselves.
endef

define DEB_POSTINST
#!/bin/sh
set -e
if [ "$$1" = configure ]; then
	/usr/lib/dkms/common.postinst ksrtp $(VERSION) "" "" "$$2"
fi
endef

define DEB_PRERM
#!/bin/sh
set -e
if dkms status ksrtp/$(VERSION) | grep -q .; then
	dkms remove ksrtp/$(VERSION) --all
fi
endef

deb: user
	$(Q)selftests/deps.sh deb
	$(Q)rm -rf $(DEB)
	$(Q)mkdir -p $(DEB)/dkms/DEBIAN $(DEB)/tools/DEBIAN $(DEB)/debian
	$(Q)+$(MAKE) --no-print-directory DESTDIR=$(CURDIR)/$(DEB)/dkms dkms-source
	$(Q)+$(MAKE) --no-print-directory DESTDIR=$(CURDIR)/$(DEB)/tools PREFIX=/usr \
		LIBDIR=/usr/lib/$(shell $(CC) -print-multiarch) install-user
	$(Q)strip --strip-unneeded $(DEB)/tools/usr/sbin/ksrtp $(DEB)/tools/usr/lib/*/libksrtp.so.1
	$(Q)$(foreach page,$(PAGES),gzip -9n \
		$(DEB)/tools/usr/share/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page)) &&) true
	$(Q)touch $(DEB)/debian/control
	$(Q)cd $(DEB) && dpkg-shlibdeps -Tsubstvars tools/usr/sbin/ksrtp tools/usr/lib/*/libksrtp.so.1
	$(Q)+$(MAKE) --no-print-directory deb-files

deb-files:
	$(file >$(DEB)/dkms/DEBIAN/control,$(DEB_DKMS))
	$(file >$(DEB)/dkms/DEBIAN/postinst,$(DEB_POSTINST))
	$(file >$(DEB)/dkms/DEBIAN/prerm,$(DEB_PRERM))
	$(file >$(DEB)/tools/DEBIAN/control,$(DEB_TOOLS))
	$(Q)chmod 755 $(DEB)/dkms/DEBIAN/postinst $(DEB)/dkms/DEBIAN/prerm
	$(Q)for p in dkms tools; do \
		dpkg-deb --root-owner-group --build $(DEB)/$$p $(DEB) || exit; \
	done

clean:
	$(Q)[ ! -d $(B) ] || find $(B) -mindepth 1 -maxdepth 1 ! -name cache -exec rm -rf {} +

distclean:
	$(Q)rm -rf $(B)

FORCE:

.PHONY: all help module helpers kdir tool library user tests peers units deps test test-long \
	test-races load soak test-debug coverage test-ci test-matrix test-arm64 interop-doc demo bench \
	check fuzz fuzz-long fuzz-coverage fuzz-merge install install-module install-user uninstall \
	fuzz-kernel dkms-source dkms deb deb-files clean distclean FORCE

-include $(shell find $(U)/obj $(ST)/obj $(S) -name '*.d' 2>/dev/null)
