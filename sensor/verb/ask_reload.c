// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/verb/ask_reload.h"
#include <stdio.h>
#include <unistd.h>
#include "decoders/base/log.h"

bool ask_reload(const struct sensor_config *config, enum ctl_reload what)
{
	const char *socket = config->process.socket ? config->process.socket : CTL_SOCKET_PRESET;
	if (access(socket, F_OK) != 0)
		return true;
	fflush(stdout);
	switch (ctl_ask_reload(socket, what)) {
	case CTL_DONE: printf("the running sensor uses them\n"); return true;
	case CTL_NO_SENSOR: return true;
	default:
		log_error("%s: the running sensor did not take the %s and goes on with those it has; its log says why",
			socket, what == CTL_RELOAD_RULES ? "rules" : "indicators");
		return false;
	}
}
