// SPDX-License-Identifier: GPL-3.0-or-later
// SSH (RFC 4253) up to where it is encrypted: banners, the algorithms each side offers, and their fingerprints (HASSH). One transaction a flow.
// Past that only the sizes of what is sent are looked at, until they tell whether the login was granted (ssh_login.h).
//
// Life cycle   the first bytes make the transaction; it lives until the flow ends, so that every alert of the flow can tell of it
// Memory       worker's slab: the transaction, banners and HASSH strings
// Bounds       SSH_BANNER_MAX of a banner, SSH_KEX_MAX of a message with algorithms, SSH_RECORD_MAX of a record before encryption: none is longer
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/ssh/ssh_login.h"
#include "decoders/base/bytes.h"

#define SSH_BANNER_MAX 256u // bytes of a banner, its line end not counted
#define SSH_KEX_MAX    65535u
#define SSH_RECORD_MAX \
	(256u << 10) // bytes; RFC 4253 section 6.1 asks for 35,000, common implementations take this much

enum ssh_progress {
	SSH_STARTED,
	SSH_BANNER_WAIT, // a banner too long: its end is waited for
	SSH_BANNER_DONE,
	SSH_KEX_DONE, // algorithms are there
	SSH_FINISHED, // what follows is encrypted
};

enum ssh_event {
	SSH_INVALID_BANNER,
	SSH_LONG_BANNER,
	SSH_INVALID_RECORD,
	SSH_LONG_KEX_RECORD,
};

struct ssh_side {
	struct bytes banner;         // without line end
	struct span proto, software; // in banner
	struct bytes hassh;          // "kex;ciphers;macs;compressions"
	char hassh_hash[33];
};

struct ssh_tx {
	struct app_tx tx;
	struct ssh_side sides[2]; // by direction: client's, server's
};

extern const struct app_parser ssh_parser;

// What is guessed of the logins of a flow that speaks SSH; NULL: nothing.
const struct ssh_login *ssh_login_of(const struct flow *flow);

static inline const struct ssh_tx *ssh_tx_of(const struct app_tx *tx)
{
	return (const struct ssh_tx *)(const void *)tx;
}
