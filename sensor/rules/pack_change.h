// SPDX-License-Identifier: GPL-3.0-or-later
// Pack change: what the verbs that change the installed packs share: configuration, the store and its lock, the outcome, the reload.
#pragma once
#include "sensor/packs/install.h"
#include "sensor/verb/verb.h"

struct pack_change {
	struct sensor_config config;
	struct pack_store store;
	bool no_reload;
};

// change: takes the store's lock. NULL with the exit code in *result.
struct pack_change *pack_change_begin(const struct verb_line *line, bool change, int *result);
void pack_change_end(struct pack_change *change);
// Installs, or installs again, and tells the outcome. True when it was not refused; *changed: another set is the current one.
bool pack_change_install(struct pack_change *change, struct install_request *request, bool *changed);
// Asks a running sensor to use the rules. False: it refused (told). A sensor that is not there is no fault.
bool pack_change_reload(const struct pack_change *change);
