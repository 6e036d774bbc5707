// SPDX-License-Identifier: GPL-3.0-or-later
// Install: brings a pack from a folder, archive or URL into the store, after all checks: signature, description, tests, rules that parse, not
// shrunk by half, not older. What is refused changes nothing, and is in the audit log.
//
// Life cycle   install_pack / install_rollback on an open store
// Threads      one at a time (the store's lock)
#pragma once
#include "sensor/config/config.h"
#include "sensor/packs/pack_test.h"
#include "sensor/packs/pack_store.h"

struct install_request {
	const struct sensor_config *config;
	const char *action;             // "install", "update"
	const char *source;             // folder, archive, rule file or URL
	const char *name;               // of a pack without pack.yaml; NULL: from the source
	const struct store_pack *known; // update: as it is installed; NULL
	bool allow_unsigned, force;
	const struct pack_test_told *told; // of its tests
};

enum install_result { INSTALL_DONE, INSTALL_UNCHANGED, INSTALL_REFUSED };

struct install_outcome {
	unsigned set; // the current one afterwards
	struct store_pack pack;
	char from_version[65]; // "" it is new
	uint32_t rules;        // that are on, in all packs, after the filters
	uint32_t disabled, enabled, dropped, modified, for_flowbits;
	uint32_t warnings; // checks that failed and were passed by --force
	struct pack_error error;
};

enum install_result install_pack(
	const struct pack_store *store, const struct install_request *request, struct install_outcome *outcome);

// version: a set's number, a pack's version ("1.2.0", "NAME@1.2.0"), or NULL: the set before the current one. Gives the set in *set.
bool install_rollback(
	const struct pack_store *store, const char *version, struct store_set *set, struct pack_error *error);
