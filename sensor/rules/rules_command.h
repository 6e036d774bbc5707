// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules VERB ...`: the tools of who keeps the rules.
#pragma once

// argv[0] is "rules". Gives the exit code (enum verb_exit).
int rules_command(int argc, char **argv);
