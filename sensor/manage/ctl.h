// SPDX-License-Identifier: GPL-3.0-or-later
// Ctl: `sekisho ctl COMMAND [--socket PATH]`, the client of a running sensor's control socket.
#pragma once

#define CTL_SOCKET_PRESET "/run/sekisho/command.socket"

// argv[0] is "ctl". Prints the answer's line; gives the exit code: 0 done, 1 the sensor refused or cannot be reached, 2 bad command line.
int ctl_main(int argc, char **argv);

enum ctl_result { CTL_DONE, CTL_REFUSED, CTL_NO_SENSOR /* nobody answers on the socket */ };
enum ctl_reload {
	CTL_RELOAD_RULES,      // configuration, rules and indicators; rules that are wrong are left out
	CTL_RELOAD_INDICATORS, // the rules and the configuration stay as they are
};
// Asks the sensor on the socket at path to read them again, and waits until it has.
enum ctl_result ctl_ask_reload(const char *path, enum ctl_reload what);
