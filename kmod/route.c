// SPDX-License-Identifier: GPL-2.0
/* Routes: where the packets of a peer's SSRC go. */
#include <linux/slab.h>

#include "ksrtp.h"

static const struct rhashtable_params route_params = {
	.key_len = sizeof(struct ksrtp_route_id),
	.key_offset = offsetof(struct ksrtp_route, id),
	.head_offset = offsetof(struct ksrtp_route, node),
	.automatic_shrinking = true,
};

static const struct rhashtable_params claim_params = {
	.key_len = sizeof(struct ksrtp_claim_id),
	.key_offset = offsetof(struct ksrtp_out, claim_id),
	.head_offset = offsetof(struct ksrtp_out, claim),
	.automatic_shrinking = true,
};

static struct rhashtable routes;
static struct rhashtable claims;

int ksrtp_route_module_init(void)
{
	int err;

	err = rhashtable_init(&routes, &route_params);
	if (err)
		return err;
	err = rhashtable_init(&claims, &claim_params);
	if (err)
		rhashtable_destroy(&routes);
	return err;
}

void ksrtp_route_module_exit(void)
{
	rhashtable_destroy(&claims);
	rhashtable_destroy(&routes);
}

/**
 * ksrtp_route_find() - the route of exactly (peer, SSRC) or (peer, any)
 * @peer: peer packets come from
 * @any: the route for any SSRC
 * @ssrc: SSRC, host order, if not @any
 *
 * Context: RCU read side.
 * Return: the route, or NULL.
 */
struct ksrtp_route *ksrtp_route_find(struct ksrtp_peer *peer, bool any, u32 ssrc)
{
	struct ksrtp_route_id id = {
		.peer = peer, .ssrc = any ? 0 : ssrc, .any = any,
	};

	return rhashtable_lookup(&routes, &id, route_params);
}

/**
 * ksrtp_route_for() - the route an SSRC takes: its own, else the one for any
 * @peer: peer packets come from
 * @ssrc: SSRC, host order
 *
 * Context: RCU read side.
 * Return: the route, or NULL.
 */
struct ksrtp_route *ksrtp_route_for(struct ksrtp_peer *peer, u32 ssrc)
{
	return ksrtp_route_find(peer, false, ssrc) ?:
	       ksrtp_route_find(peer, true, 0);
}

/**
 * ksrtp_route_claim() - the output that by configuration sends an SSRC
 * @peer: peer it is sent to
 * @ssrc: the SSRC as it leaves
 *
 * Context: RCU read side.
 * Return: the output, or NULL. Outputs of routes for any SSRC claim nothing.
 */
const struct ksrtp_out *ksrtp_route_claim(struct ksrtp_peer *peer, u32 ssrc)
{
	struct ksrtp_claim_id id = { .peer = peer, .ssrc = ssrc };

	return rhashtable_lookup(&claims, &id, claim_params);
}

static struct ksrtp_outs *route_outs(const struct ksrtp_route *route)
{
	return rcu_dereference_protected(route->outs,
			lockdep_is_held(&route->id.peer->kn->lock));
}

/* Does a source other than a route send this SSRC already? */
static bool tx_ssrc_taken(struct ksrtp_peer *peer, u32 ssrc)
{
	struct ksrtp_stream *stream;
	bool taken = false;

	rcu_read_lock();
	stream = ksrtp_stream_lookup(peer, KSRTP_DIR_TX, ssrc);
	if (stream) {
		spin_lock_bh(&stream->lock);
		taken = stream->source;
		spin_unlock_bh(&stream->lock);
	}
	rcu_read_unlock();
	return taken;
}

static struct ksrtp_out *out_new(struct ksrtp_route *route,
				 const struct ksrtp_out_config *cfg,
				 struct netlink_ext_ack *extack)
{
	struct ksrtp_out *out;
	int err;

	out = kzalloc(sizeof(*out), GFP_KERNEL_ACCOUNT);
	if (!out)
		return ERR_PTR(-ENOMEM);
	out->route = route;
	out->peer = cfg->peer;
	out->rewrite_ssrc = cfg->rewrite_ssrc;
	out->rewrite_pt = cfg->rewrite_pt;
	out->ssrc = cfg->rewrite_ssrc ? cfg->ssrc : route->id.ssrc;
	out->pt_old = cfg->pt_old;
	out->pt_new = cfg->pt_new;
	if (route->id.any)
		return out;

	out->claims = true;
	out->claim_id.peer = out->peer;
	out->claim_id.ssrc = out->ssrc;
	err = tx_ssrc_taken(out->peer, out->ssrc) ? -EEXIST :
	      rhashtable_lookup_insert_fast(&claims, &out->claim, claim_params);
	if (err) {
		kfree(out);
		if (err != -EEXIST)
			return ERR_PTR(err);
		NL_SET_ERR_MSG(extack,
			       "Another source sends this SSRC to the output; a tx SSRC has one source");
		return ERR_PTR(-EBUSY);
	}
	return out;
}

/* Unlink an output; packets may see it until the next grace period. */
static void out_del(struct ksrtp_out *out)
{
	if (out->claims)
		rhashtable_remove_fast(&claims, &out->claim, claim_params);
	list_del(&out->list);
	/* Seen under each stream's lock, which the next line takes in turn. */
	WRITE_ONCE(out->dead, true);
	ksrtp_stream_unsource(out->peer, out);
	kfree_rcu(out, rcu);
}

/* A copy of the outputs with room for more. */
static struct ksrtp_outs *outs_copy(const struct ksrtp_outs *old, u32 more)
{
	u32 n = old ? old->n : 0;
	struct ksrtp_outs *outs;

	outs = kzalloc(struct_size(outs, out, (size_t)n + more),
		       GFP_KERNEL_ACCOUNT);
	if (!outs)
		return NULL;
	if (n)
		memcpy(outs->out, old->out, n * sizeof(outs->out[0]));
	outs->n = n;
	return outs;
}

static bool outs_have(const struct ksrtp_outs *outs,
		      const struct ksrtp_peer *peer)
{
	u32 i;

	for (i = 0; i < outs->n; i++)
		if (outs->out[i]->peer == peer)
			return true;
	return false;
}

static int out_check(const struct ksrtp_outs *outs,
		     const struct ksrtp_route *route,
		     const struct ksrtp_out_config *cfg,
		     struct netlink_ext_ack *extack)
{
	bool any = route->id.any;
	bool same_ssrc = !cfg->rewrite_ssrc || cfg->ssrc == route->id.ssrc;

	if (outs_have(outs, cfg->peer)) {
		NL_SET_ERR_MSG(extack, "The route has this output already");
		return -EEXIST;
	}
	if (any && cfg->rewrite_ssrc) {
		NL_SET_ERR_MSG(extack,
			       "rewrite-ssrc takes one input SSRC, the route is for any");
		return -EINVAL;
	}
	if (!same_ssrc &&
	    (ksrtp_key_is_double(route->id.peer, KSRTP_DIR_RX, route->id.ssrc) ||
	     ksrtp_key_is_double(cfg->peer, KSRTP_DIR_TX, cfg->ssrc))) {
		NL_SET_ERR_MSG(extack,
			       "A DOUBLE suite cannot carry a rewritten SSRC (RFC 8723)");
		return -EINVAL;
	}
	if (cfg->peer == route->id.peer && same_ssrc &&
	    ksrtp_key_loops(cfg->peer, any, route->id.ssrc)) {
		NL_SET_ERR_MSG(extack,
			       "The peer would get its own SSRC back under its own master key");
		return -EINVAL;
	}
	return 0;
}

/**
 * ksrtp_route_add() - add outputs to the route of (peer, SSRC or any)
 * @peer: peer packets come from
 * @any: for any SSRC
 * @ssrc: the SSRC
 * @rtcp: enum ksrtp_rtcp_mode, or -1 to leave it as it is
 * @cfgs: the outputs
 * @n: number of them, at least 1
 * @extack: told what is wrong
 *
 * All outputs are added, or none.
 *
 * Context: process, ksrtp_net.lock held.
 * Return: 0, -EEXIST, -EBUSY, -EINVAL or -ENOMEM.
 */
int ksrtp_route_add(struct ksrtp_peer *peer, bool any, u32 ssrc, int rtcp,
		    const struct ksrtp_out_config *cfgs, u32 n,
		    struct netlink_ext_ack *extack)
{
	struct ksrtp_outs *outs, *old = NULL;
	struct ksrtp_net *kn = peer->kn;
	struct ksrtp_route *route;
	bool fresh = false;
	u32 kept = 0;
	int err;

	lockdep_assert_held(&kn->lock);

	rcu_read_lock();
	route = ksrtp_route_find(peer, any, ssrc);
	rcu_read_unlock();
	if (!route) {
		route = kzalloc(sizeof(*route), GFP_KERNEL_ACCOUNT);
		if (!route)
			return -ENOMEM;
		fresh = true;
		route->id.peer = peer;
		route->id.ssrc = any ? 0 : ssrc;
		route->id.any = any;
		route->rtcp = KSRTP_RTCP_MODE_DELIVER;
	}

	old = route_outs(route);
	outs = outs_copy(old, n);
	if (!outs) {
		err = -ENOMEM;
		goto free_route;
	}
	kept = outs->n;
	for (; n; n--, cfgs++) {
		struct ksrtp_out *out;

		err = out_check(outs, route, cfgs, extack);
		if (err)
			goto del_outs;
		out = out_new(route, cfgs, extack);
		if (IS_ERR(out)) {
			err = PTR_ERR(out);
			goto del_outs;
		}
		list_add_tail(&out->list, &out->peer->outs);
		outs->out[outs->n++] = out;
	}

	rcu_assign_pointer(route->outs, outs);
	if (fresh) {
		err = rhashtable_lookup_insert_fast(&routes, &route->node,
						    route_params);
		if (err)
			goto del_outs;
		list_add_tail(&route->list, &peer->routes);
		kn->routes++;
	}
	if (rtcp >= 0)
		WRITE_ONCE(route->rtcp, rtcp);
	if (old)
		kfree_rcu(old, rcu);
	kn->gen++;
	ksrtp_stream_reroute(peer, any, ssrc);
	return 0;

del_outs:
	while (outs->n > kept)
		out_del(outs->out[--outs->n]);
	kfree_rcu(outs, rcu);
free_route:
	if (fresh)
		kfree_rcu(route, rcu);
	return err;
}

/**
 * ksrtp_route_del() - delete a route with its outputs
 * @route: route
 *
 * Context: process, ksrtp_net.lock held.
 */
void ksrtp_route_del(struct ksrtp_route *route)
{
	struct ksrtp_peer *peer = route->id.peer;
	struct ksrtp_outs *outs = route_outs(route);

	lockdep_assert_held(&peer->kn->lock);

	rhashtable_remove_fast(&routes, &route->node, route_params);
	list_del(&route->list);
	peer->kn->routes--;
	peer->kn->gen++;
	ksrtp_stream_reroute(peer, route->id.any, route->id.ssrc);
	while (outs->n)
		out_del(outs->out[--outs->n]);
	kfree_rcu(outs, rcu);
	kfree_rcu(route, rcu);
}

/**
 * ksrtp_route_del_out() - take one output from a route
 * @route: route
 * @to: peer the output goes to
 * @extack: told what is wrong
 *
 * The last output takes the route with it.
 *
 * Context: process, ksrtp_net.lock held.
 * Return: 0, -ENOENT or -ENOMEM.
 */
int ksrtp_route_del_out(struct ksrtp_route *route, struct ksrtp_peer *to,
			struct netlink_ext_ack *extack)
{
	struct ksrtp_outs *old = route_outs(route), *outs;
	struct ksrtp_out *gone = NULL;
	u32 i;

	lockdep_assert_held(&to->kn->lock);

	for (i = 0; i < old->n; i++)
		if (old->out[i]->peer == to)
			gone = old->out[i];
	if (!gone) {
		NL_SET_ERR_MSG(extack, "The route has no such output");
		return -ENOENT;
	}
	if (old->n == 1) {
		ksrtp_route_del(route);
		return 0;
	}
	outs = outs_copy(old, 0);
	if (!outs)
		return -ENOMEM;
	outs->n = 0;
	for (i = 0; i < old->n; i++)
		if (old->out[i] != gone)
			outs->out[outs->n++] = old->out[i];
	rcu_assign_pointer(route->outs, outs);
	kfree_rcu(old, rcu);
	out_del(gone);
	to->kn->gen++;
	return 0;
}

static bool out_rewrites(const struct ksrtp_out *out)
{
	return out->rewrite_ssrc && out->ssrc != out->route->id.ssrc;
}

static bool route_rewrites(const struct ksrtp_route *route)
{
	const struct ksrtp_outs *outs = route_outs(route);
	u32 i;

	for (i = 0; i < outs->n; i++)
		if (out_rewrites(outs->out[i]))
			return true;
	return false;
}

/**
 * ksrtp_route_rewrites() - does a route rewrite an SSRC a key is for?
 * @peer: peer of the key
 * @id: the key's
 *
 * Context: process, ksrtp_net.lock held.
 */
bool ksrtp_route_rewrites(struct ksrtp_peer *peer, const struct ksrtp_key_id *id)
{
	const struct ksrtp_route *route;
	const struct ksrtp_out *out;

	lockdep_assert_held(&peer->kn->lock);

	if (id->dir == KSRTP_DIR_TX) {
		list_for_each_entry(out, &peer->outs, list)
			if (out_rewrites(out) &&
			    (id->any || id->ssrc == out->ssrc))
				return true;
		return false;
	}
	list_for_each_entry(route, &peer->routes, list)
		if ((id->any || id->ssrc == route->id.ssrc) &&
		    route_rewrites(route))
			return true;
	return false;
}

/**
 * ksrtp_route_flush() - delete the routes from a peer
 * @peer: peer
 *
 * Context: process, ksrtp_net.lock held.
 */
void ksrtp_route_flush(struct ksrtp_peer *peer)
{
	struct ksrtp_route *route, *next;

	lockdep_assert_held(&peer->kn->lock);

	list_for_each_entry_safe(route, next, &peer->routes, list) {
		ksrtp_route_del(route);
		cond_resched();
	}
}

/**
 * ksrtp_route_forget_peer() - delete the routes from a peer and outputs to it
 * @peer: peer that is being deleted
 *
 * An output costs as much as its route has outputs: see ksrtp_peer_flush().
 *
 * Context: process, ksrtp_net.lock held.
 */
void ksrtp_route_forget_peer(struct ksrtp_peer *peer)
{
	struct ksrtp_out *out;

	lockdep_assert_held(&peer->kn->lock);

	ksrtp_route_flush(peer);
	while ((out = list_first_entry_or_null(&peer->outs, struct ksrtp_out,
					       list))) {
		/* Without memory for a shorter list the whole route goes. */
		if (ksrtp_route_del_out(out->route, peer, NULL))
			ksrtp_route_del(out->route);
		cond_resched();
	}
}
