// SPDX-License-Identifier: GPL-3.0-or-later
// Host policy: which operating system the host at an address runs, from config's host-os-policy.
//
// Life cycle   host_policy_parse -> host_policy_of ... -> host_policy_fini
#pragma once
#include "decoders/base/address.h"
#include "decoders/base/option.h"

struct host_network {
	struct address network;
	unsigned prefix_bits; // of the 16-byte form
	int policy;
};

struct host_policy {
	struct host_network *networks;
	size_t count;
};

// Reads a map of policy name (or name.index) to "[10.0.0.0/8, 2001:db8::1]". names says what policy each name is. Names it does not know and text
// that is no address: false, with the reason logged.
bool host_policy_parse(const struct option_map *map, const struct option_choice *names, struct host_policy *out);
void host_policy_fini(struct host_policy *policy);
// Of the most specific network that holds address, else preset.
int host_policy_of(const struct host_policy *policy, const struct address *address, int preset);
