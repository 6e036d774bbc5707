// SPDX-License-Identifier: GPL-3.0-or-later
// Process options: settings of the process itself, which no layer below has a part in.
#pragma once
#include "decoders/base/option.h"

struct process_config {
	int log_level; // logging.default-log-level: enum log_level
	char *pid_file;
	char *user, *group;            // run-as.*
	char *directory;               // default-log-dir: where events go without -l
	char *socket;                  // unix-command.filename: NULL none
	int socket_enabled;            // unix-command.enabled
	struct option_list interfaces; // capture.interfaces: used when neither -r nor -i is given
};

extern const struct option process_options[];
