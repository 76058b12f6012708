// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The estimate of a packet's index is RFC 3711's, stays within 48 bits, and
 * follows a stream as the published sequences of ROCs say.
 */
#include "kt.h"

#include "index.h"
#include "random.h"
#include "vecs.h"

/* RFC 3711 Appendix A as it is printed there, in integers that cannot wrap. */
static s64 appendix_a(s64 roc, s64 s_l, s64 seq)
{
	s64 v;

	if (s_l < 32768) {
		if (seq - s_l > 32768)
			v = roc - 1;
		else
			v = roc;
	} else {
		if (s_l - 32768 > seq)
			v = roc + 1;
		else
			v = roc;
	}
	return v;
}

/*
 * The same in other words, RFC 3711 section 3.3.1: of ROC - 1, ROC and ROC + 1
 * the one that makes the index closest to the highest; ROC where two are.
 */
static s64 closest(s64 highest, u16 seq)
{
	s64 roc = highest >> 16, best = roc, turn;

	for (turn = -1; turn <= 1; turn += 2) {
		s64 there = llabs((roc + turn) * 65536 + seq - highest);

		if (there < llabs(best * 65536 + seq - highest))
			best = roc + turn;
	}
	return best;
}

/* Both functions against both references; true if all agree */
static bool agree(u64 highest, u16 seq)
{
	s64 want = appendix_a((s64)(highest >> 16), (s64)(highest & 0xffff), seq);
	u64 index = 0xdeadbeef;
	int err;

	if (closest((s64)highest, seq) != want)
		return false;
	if (ksrtp_roc_guess((u32)(highest >> 16), (u16)highest, seq) != (u32)want)
		return false;
	err = ksrtp_index_estimate(highest, seq, &index);
	if (want < 0 || want > 0xffffffff)
		return err == -ERANGE && index == 0xdeadbeef;
	return !err && index == ((u64)want << 16 | seq);
}

static bool agree_or_say(u64 highest, u16 seq)
{
	if (agree(highest, seq))
		return true;
	kt_note("highest %#llx, sequence number %u", (unsigned long long)highest, seq);
	return false;
}

static void vectors_of_the_guess(void)
{
	const struct vec *v = NULL;

	while ((v = vec_next(v, VEC_GUESS)))
		kt_ok(ksrtp_roc_guess(v->roc, v->s_l, v->seq) == v->v &&
		      agree_or_say((u64)v->roc << 16 | v->s_l, v->seq),
		      "vector '%s'", v->id);
}

/*
 * Where the estimate does not give what the literal rule of the end-to-end spec
 * does: that rule compares with the last sequence number, not with the highest,
 * and a late packet makes it count a turn that was none. @steps has a bit for
 * each step that differs. All others are to be the same.
 */
static const struct {
	const char *id;
	unsigned int steps;
} literal_rule[] = {
	/* 65535 comes late after 0: the estimate takes it for the turn before. */
	{ "send ROC, 65535 to 0", 1 << 2 | 1 << 3 },
	/* 65535 comes after 2: the estimate finds it before the first index. */
	{ "send ROC starts at 1", 1 << 2 | 1 << 3 },
};

static unsigned int steps_that_differ(const char *id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(literal_rule); i++)
		if (!strcmp(id, literal_rule[i].id))
			return literal_rule[i].steps;
	return 0;
}

/* What the packet path does with a vector's packets: a bit for each other ROC */
static unsigned int follow(const struct vec *v)
{
	u64 highest = v->steps[0].seq, index;
	unsigned int other = 0;
	size_t i;

	for (i = 0; i < v->n_steps; i++) {
		if (ksrtp_index_estimate(highest, v->steps[i].seq, &index)) {
			other |= 1u << i;
			continue;
		}
		if (index >> 16 != v->steps[i].roc)
			other |= 1u << i;
		if (v->steps[i].commit && index > highest)
			highest = index;
	}
	return other;
}

static int count(enum vec_kind kind)
{
	const struct vec *v = NULL;
	int n = 0;

	while ((v = vec_next(v, kind)))
		n++;
	return n;
}

static void vectors_of_streams(enum vec_kind kind)
{
	const struct vec *v = NULL;

	while ((v = vec_next(v, kind))) {
		unsigned int differ = steps_that_differ(v->id);
		const char *how = differ ? " is followed, but where a late packet misleads the rule"
					 : " is followed";

		kt_is(follow(v), differ, "%s vector '%s'%s", vec_kind_name(kind), v->id, how);
	}
}

/* The estimate comes home: a late packet around a wrap does no lasting harm. */
static void late_packet_at_a_wrap(void)
{
	static const u16 seq[] = { 65534, 0, 65535, 1, 2, 65533, 3 };
	static const u32 roc[] = { 7, 8, 7, 8, 8, 7, 8 };
	u64 highest = 7ull << 16 | 65534, index;
	bool right = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seq); i++) {
		if (ksrtp_index_estimate(highest, seq[i], &index) || index >> 16 != roc[i])
			right = false;
		else if (index > highest)
			highest = index;
	}
	kt_ok(right, "late packets around a wrap get the turn they belong to");
}

static void every_sequence_number(void)
{
	static const u64 rocs[] = { 0, 1, 5, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
	static const u16 edges[] = { 0, 1, 2, 10, 32766, 32767, 32768, 32769, 40000, 65534, 65535 };
	bool right = true;
	unsigned int r, e;
	u32 seq;

	for (r = 0; right && r < ARRAY_SIZE(rocs); r++)
		for (e = 0; right && e < ARRAY_SIZE(edges); e++)
			for (seq = 0; right && seq < 65536; seq++)
				right = agree_or_say(rocs[r] << 16 | edges[e], (u16)seq);
	kt_ok(right, "every sequence number around the edges is Appendix A's and the closest");
}

static void random_numbers(void)
{
	struct random r = { .state = 3711 };
	bool right = true;
	unsigned int i;

	for (i = 0; right && i < 1000000; i++)
		right = agree_or_say(random_below(&r, KSRTP_INDEX_MAX + 1), (u16)random_u64(&r));
	kt_ok(right, "a million random indices are Appendix A's and the closest");
}

/* A packet that comes next, up to 2^15 lost or 2^15 - 1 late, is told rightly. */
static void distances(void)
{
	u64 highest = 3ull << 16 | 123, index = 0;
	bool right = true;
	s64 d;

	for (; right && highest < 5ull << 16; highest += 997)
		for (d = -32767; right && d <= 32767; d += 31)
			right = !ksrtp_index_estimate(highest, (u16)(highest + d), &index) &&
				index == highest + d;
	kt_ok(right, "an index less than 2^15 away is found, whichever way");
}

static void ends(void)
{
	u64 index = 42;

	kt_is(ksrtp_index_estimate(10, 65535, &index), -ERANGE,
	      "before index 0 there is no index");
	kt_is(ksrtp_index_estimate(KSRTP_INDEX_MAX, 0, &index), -ERANGE,
	      "after index 2^48 - 1 there is no index");
	kt_is(index, 42, "where there is no index, none is written");
	kt_ok(!ksrtp_index_estimate(KSRTP_INDEX_MAX - 1, 65535, &index) &&
	      index == KSRTP_INDEX_MAX, "the last index of all is found");
	kt_ok(!ksrtp_index_estimate(0, 0, &index) && index == 0,
	      "the first index of all is found");
	kt_ok(!ksrtp_index_estimate(0xffffull << 32 | 0x8000, 0, &index) &&
	      index == 0xffffull << 32,
	      "from the middle of a turn every sequence number is of that turn");
}

int main(void)
{
	kt_plan(count(VEC_GUESS) + count(VEC_ROC_RECV) + count(VEC_ROC_SEND) + 10);
	vectors_of_the_guess();
	vectors_of_streams(VEC_ROC_RECV);
	vectors_of_streams(VEC_ROC_SEND);
	late_packet_at_a_wrap();
	every_sequence_number();
	random_numbers();
	distances();
	ends();
	return kt_done();
}
