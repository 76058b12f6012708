// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * System calls that began before a socket was put under ksrtp and go on after it:
 * they waited for a page meanwhile. Whatever they do then, the sock goes with its
 * socket, and a call that never ends keeps nobody waiting who need not.
 */
#include "leg.h"
#include "race.h"

#include <linux/filter.h>
#include <netinet/udp.h>

#ifndef UDP_ENCAP_L2TPINUDP
#define UDP_ENCAP_L2TPINUDP	3
#endif
#ifndef IPV6_ADDRFORM
#define IPV6_ADDRFORM		1
#endif

#define SSRC	0x57a11ed0

static uint8_t plain[512];
static uint64_t next_seq = 1;

static bool protects(struct rig *r, struct leg *l)
{
	int len = rig_rtp(plain, SSRC, next_seq, LEG_PAYLOAD);

	return rig_says(r, &l->far, &l->down, NULL, plain, len, next_seq++);
}

/* The application's socket closes: so does its sock, and the module is free. */
static bool goes(struct rig *r, int refs)
{
	close(r->app);
	ksrtp_close(r->h);
	return race_nothing_left() && kt_wait_until(race_refs() == refs, RIG_WAIT);
}

static void encap(int value, const char *what)
{
	struct stalled_call call;
	int refs = race_refs();
	struct leg l;
	struct rig r;
	int fd = rig_udp("127.0.0.1", 0);

	stalled_start(&call, fd, IPPROTO_UDP, UDP_ENCAP);
	rig_attach(&r, fd);
	leg_open(&r, &l, "127.0.0.1", 1);
	kt_note("UDP_ENCAP %d: %s", value, strerror(-stalled_end(&call, value)));
	kt_ok(protects(&r, &l), "%s: what is sent is protected", what);
	kt_ok(goes(&r, refs), "%s: the sock goes with its socket", what);
	close(l.far.fd);
}

/* An IPv6 socket connected to an IPv4 address, which may become an IPv4 socket */
static int mapped(const union rig_addr *far)
{
	union rig_addr to = rig_addr("::ffff:127.0.0.1", 0);
	int fd = rig_udp("::ffff:127.0.0.1", 0);

	to.in6.sin6_port = far->in.sin_port;
	rig_connect(fd, &to);
	return fd;
}

static void addrform(bool encap_too)
{
	const char *what = encap_too ? "IPV6_ADDRFORM and UDP_ENCAP at once" : "IPV6_ADDRFORM";
	int far = rig_udp("127.0.0.1", 0), refs = race_refs();
	union rig_addr a = rig_local(far);
	struct stalled_call call, other;
	struct rig r;
	int fd = mapped(&a);

	stalled_start(&call, fd, IPPROTO_IPV6, IPV6_ADDRFORM);
	if (encap_too)
		stalled_start(&other, fd, IPPROTO_UDP, UDP_ENCAP);
	rig_attach(&r, fd);
	rig_peer(&r, &a);
	kt_note("IPV6_ADDRFORM: %s", strerror(-stalled_end(&call, AF_INET)));
	if (encap_too)
		kt_note("UDP_ENCAP 0: %s", strerror(-stalled_end(&other, 0)));
	if (!encap_too) {
		kt_ok(goes(&r, refs), "%s: the sock goes with its socket", what);
	} else {
		struct ksrtp_sock sock;

		/* Nobody tells us any more that it is closed; that it is there is no harm. */
		close(fd);
		kt_ok(!ksrtp_sock_get(r.h, r.sock, &sock) && !ksrtp_sock_del(r.h, r.sock),
		      "%s: the sock can be looked at and deleted", what);
		ksrtp_close(r.h);
		kt_ok(race_nothing_left() && kt_wait_until(race_refs() == refs, RIG_WAIT),
		      "%s: the socket goes with it", what);
	}
	close(far);
}

static void cork(void)
{
	int fd = rig_udp("127.0.0.1", 0), off = 0, refs = race_refs(), len;
	struct stalled_call call;
	struct leg l;
	struct rig r;

	stalled_start(&call, fd, IPPROTO_UDP, UDP_CORK);
	rig_attach(&r, fd);
	leg_open(&r, &l, "127.0.0.1", 1);
	kt_is(stalled_end(&call, 1), 0, "UDP_CORK: it is corked");
	len = rig_rtp(plain, SSRC, next_seq, LEG_PAYLOAD);
	kt_is(rig_app_send(&r, &l.far, plain, len), -EBUSY,
	      "UDP_CORK: no two protected packets become one datagram");
	kt_is(setsockopt(fd, IPPROTO_UDP, UDP_CORK, &off, sizeof(off)), 0,
	      "UDP_CORK: it can be uncorked");
	kt_ok(protects(&r, &l), "UDP_CORK: and protects");
	kt_ok(goes(&r, refs), "UDP_CORK: the sock goes with its socket");
	close(l.far.fd);
}

/* ---- with the lock of the socket ---- */

struct filter_call {
	struct stall stall;
	pthread_t thread;
	int fd;
};

/* The program is read from user memory by who holds the socket's lock. */
static void *attach_filter(void *arg)
{
	struct filter_call *c = arg;
	struct sock_fprog prog = { .len = 1, .filter = c->stall.page };

	setsockopt(c->fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
	return NULL;
}

static void lock_it(struct filter_call *c, int fd)
{
	c->fd = fd;
	stall_open(&c->stall);
	if (pthread_create(&c->thread, NULL, attach_filter, c))
		kt_bail("no thread");
	if (!stall_met(&c->stall))
		kt_bail("SO_ATTACH_FILTER does not wait for its program");
}

static void unlock_it(struct filter_call *c)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffffffff);

	stall_end(&c->stall, &all, sizeof(all));
	pthread_join(c->thread, NULL);
	stall_close(&c->stall);
}

static void endless(void)
{
	struct ksrtp_handle *h = rig_handle();
	struct ksrtp_sock sock = { 0 };
	int fd = rig_udp("127.0.0.1", 0), err;
	struct filter_call c;
	struct leg l;
	struct rig r;

	lock_it(&c, fd);
	err = ksrtp_sock_attach(h, fd, &sock);
	kt_ok(err == -EBUSY && strstr(ksrtp_error(h), "does not end"),
	      "a socket whose lock is not given back is refused in words: %s", ksrtp_error(h));
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &l, "127.0.0.1", 1);
	kt_ok(protects(&r, &l), "others are served meanwhile");
	unlock_it(&c);
	kt_is(ksrtp_sock_attach(h, fd, &sock), 0, "once it is given back it can be attached");
	close(fd);
	ksrtp_close(h);
	rig_close(&r);
	close(l.far.fd);
}

static atomic_int attaching, writing;

static void *attach_one(void *arg)
{
	int *fd = arg;
	struct ksrtp_sock sock = { 0 };
	struct ksrtp_handle *h;
	struct ksrtp_error err;
	int status;

	if (ksrtp_open(&h, NULL, &err))
		return NULL;
	atomic_store(&attaching, gettid());
	status = ksrtp_sock_attach(h, *fd, &sock);
	kt_note("attach: %s: %s", strerror(-status), status ? ksrtp_error(h) : "attached");
	*fd = status;
	ksrtp_close(h);
	return NULL;
}

/* It sleeps, and no signal wakes it: in the kernel, for the socket's lock. */
static bool waits(int tid)
{
	char path[64], text[512], *state;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	if (!tid)
		return false;
	state = strrchr(kt_read(path, text, sizeof(text)), ')');
	return state && !strncmp(state, ") D", 3);
}

/* What it is connected to is somebody, whose media passes as it is. */
static void *write_one(void *arg)
{
	int *fd = arg, len = rig_rtp(plain, SSRC, 1, LEG_PAYLOAD);

	atomic_store(&writing, gettid());
	*fd = send(*fd, plain, len, 0) == len ? 0 : -errno;
	atomic_store(&writing, -1);
	return NULL;
}

/*
 * Who has the lock may be about to connect the socket elsewhere: where it leads to
 * nobody, and media to nobody passes, that is waited for. Half of one address and
 * half of another would be nobody's as well.
 */
static void connecting(void)
{
	int len, fd, far = rig_udp("127.0.0.1", 0);
	union rig_addr to = rig_local(far);
	struct ksrtp_sock sock = { 0 };
	struct filter_call c;
	pthread_t writer;
	bool waited;
	struct rig r;

	rig_open(&r, "127.0.0.1");
	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, r.sock);
	KSRTP_SET(&sock, KSRTP_A_SOCK_UNMATCHED, unmatched, KSRTP_UNMATCHED_PASS);
	if (ksrtp_sock_set(r.h, &sock))
		kt_bail("sock set: %s", ksrtp_error(r.h));
	rig_connect(r.app, &to);
	lock_it(&c, r.app);
	fd = r.app;
	if (pthread_create(&writer, NULL, write_one, &fd))
		kt_bail("no thread");
	waited = kt_wait_until(atomic_load(&writing) < 0 || waits(atomic_load(&writing)),
			       RIG_WAIT) && atomic_load(&writing) > 0;
	unlock_it(&c);
	pthread_join(writer, NULL);
	kt_ok(waited, "where a write without an address goes is settled before it passes");
	len = rig_rtp(plain, SSRC, 1, LEG_PAYLOAD);
	kt_ok(!fd && rig_gets(far, plain, len), "then it does");
	close(far);
	rig_close(&r);
}

static void *unload(void *arg)
{
	*(int *)arg = race_unload();
	return NULL;
}

static bool going(void)
{
	char text[32];

	return strstr(kt_read("/sys/module/ksrtp/initstate", text, sizeof(text)), "going");
}

/*
 * The request has begun, unloading has begun, and only then is the socket there to
 * be attached: it is refused, or the module stays; never both attached and gone.
 */
static void unloaded(void)
{
	int fd = rig_udp("127.0.0.1", 0), status = fd, gone = 1;
	union rig_addr a = rig_local(fd);
	pthread_t attacher, unloader;
	struct filter_call c;
	struct rig r;

	/* A socket that was closed holds the module for a grace period. */
	(void)kt_wait_until(!race_refs(), RIG_WAIT);
	lock_it(&c, fd);
	if (pthread_create(&attacher, NULL, attach_one, &status))
		kt_bail("no thread");
	/* Not for longer than the kernel lets it wait */
	if (!kt_wait_until(waits(atomic_load(&attaching)), RIG_WAIT))
		kt_bail("the attaching does not wait");
	if (pthread_create(&unloader, NULL, unload, &gone))
		kt_bail("no thread");
	/* The kernel lets the attaching wait two seconds, on a slow machine too. */
	kt_note("unloading: %s",
		kt_wait_until(going(), 500 / kt_slow()) ? "under way" : "not begun");
	unlock_it(&c);
	pthread_join(attacher, NULL);
	pthread_join(unloader, NULL);
	kt_note("unload: %s", strerror(-gone));
	kt_ok((gone == 0) != (status == 0), "the socket is attached or the module is gone");
	kt_ok(sendto(fd, "plain", 5, 0, &a.sa, sizeof(a.in)) == 5 && rig_gets(fd, "plain", 5),
	      "the socket works on");
	close(fd);
	race_load();
	rig_open(&r, "127.0.0.1");
	kt_ok(true, "and another can be attached");
	rig_close(&r);
}

int main(void)
{
	struct stall s;

	if (!getenv("KSRTP_MODULES"))
		kt_skip_all("KSRTP_MODULES does not say where the module is");
	if (!stall_open(&s))
		kt_skip_all("this kernel has no userfaultfd: %s", strerror(errno));
	stall_close(&s);
	kt_plan(2 * 2 + 1 + 2 + 5 + 3 + 2 + 3);
	rig_start();
	encap(0, "UDP_ENCAP off");
	encap(UDP_ENCAP_L2TPINUDP, "UDP_ENCAP for L2TP");
	addrform(false);
	addrform(true);
	cork();
	endless();
	connecting();
	unloaded();
	return kt_done();
}
