// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/config/process_options.h"
#include "decoders/base/log.h"

static const struct option_choice log_levels[] = {
	{ "error", LOG_ERROR },
	{ "warning", LOG_WARNING },
	{ "notice", LOG_NOTICE },
	{ "info", LOG_INFO },
	{ "debug", LOG_DEBUG },
	{ 0 },
};

static const struct option_choice auto_yes_no[] = { { "auto", true }, { "yes", true }, { "no", false }, { 0 } };

#define AT(member) offsetof(struct process_config, member)

const struct option process_options[] = {
	{ "capture.interfaces", OPTION_LIST, AT(interfaces), NULL, 0, 0, NULL, CHANGE_RESTART,
		"interfaces to capture from when neither -r nor -i is given" },
	{ "default-log-dir", OPTION_STRING, AT(directory), ".", 0, 0, NULL, CHANGE_RESTART,
		"folder events are written to when -l is not given" },
	{ "logging.default-log-level", OPTION_CHOICE, AT(log_level), "notice", 0, 0, log_levels, CHANGE_LIVE,
		"messages up to this level go to standard error" },
	{ "pid-file", OPTION_STRING, AT(pid_file), NULL, 0, 0, NULL, CHANGE_RESTART,
		"file the process writes its number to while it runs" },
	{ "run-as.user", OPTION_STRING, AT(user), NULL, 0, 0, NULL, CHANGE_RESTART,
		"user to become once capture is open. Not done yet: a warning is given" },
	{ "run-as.group", OPTION_STRING, AT(group), NULL, 0, 0, NULL, CHANGE_RESTART,
		"group to become once capture is open. Not done yet: a warning is given" },
	{ "unix-command.filename", OPTION_STRING, AT(socket), NULL, 0, 0, NULL, CHANGE_RESTART,
		"unix socket that takes commands (sekisho ctl); none without" },
	{ "unix-command.enabled", OPTION_CHOICE, AT(socket_enabled), "auto", 0, 0, auto_yes_no, CHANGE_RESTART,
		"take commands on that socket; auto: where a filename is given" },
	{ 0 },
};
