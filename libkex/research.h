/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_RESEARCH_H
#define NACRE_LIBKEX_RESEARCH_H

#include "libkex/transport.h"

/*
 * For those who study the protocol: what a connection that only wants to be safe never does. None
 * of it happens unless config.research points to one of these, or a function here is called.
 *
 * Any payload is sent at any time by kex_send_raw (transport.h). When kex_quiet says so there is
 * nothing left to do, so that no test has to wait and see. Two engines with seeded randomness say the
 * same bytes every time. docs/research.md has examples.
 */

/** How an engine strays from the rules. All-zero: not at all. May be changed at any time. */
struct kex_research {
	/*
	 * Leave the guard out: what the rules table would refuse, or answer UNIMPLEMENTED, is told as
	 * KEX_EVENT_PAYLOAD, and the state stays as it is.
	 */
	bool unguarded;
	/* Send no NEWKEYS where one is due; what else is due then, is done. */
	bool no_newkeys;
	/* At NEWKEYS go on with the keys in force, till kex_switch_out or _in takes the new ones. */
	bool hold_out;
	bool hold_in;
	/* private */
	struct kex_keys next_out; /* held back; wiped when they are taken */
};

/** Zeroise. */
void kex_research_wipe(struct kex_research *r);

/**
 * Take the keys of the last exchange that were held back, for packets that we send or get.
 *
 * Returns 0; SSH_ERR_STATE if there are none; an error of crypt_packet_init.
 */
enum ssh_err kex_switch_out(struct kex *k);
enum ssh_err kex_switch_in(struct kex *k);

/**
 * Take any keys, or all-zero ones for no protection at all, independently of every message.
 *
 *   keys   borrowed for the call
 *
 * The sequence number goes on. Returns 0 or an error of crypt_packet_init.
 */
enum ssh_err kex_set_keys_out(struct kex *k, const struct crypt_packet_keys *keys);
enum ssh_err kex_set_keys_in(struct kex *k, const struct crypt_packet_keys *keys);

/** The sequence number of the next packet. */
void kex_set_seq_out(struct kex *k, uint32_t seq);
void kex_set_seq_in(struct kex *k, uint32_t seq);

/** Spoil the next packet that is sent, or with forge->keep all from now on. It is copied. */
void kex_forge_next(struct kex *k, const struct kex_forge *forge);

#endif
