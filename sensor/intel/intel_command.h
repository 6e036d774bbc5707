// SPDX-License-Identifier: GPL-3.0-or-later
// Intel command: `sekisho intel VERB ...`, the tools for indicators and the feeds they come from.
#pragma once

// argv[0] is "intel". The exit code: 0 done, 1 a listed value, a feed that failed, or a fault; 2 bad command line or configuration.
int intel_command(int argc, char **argv);
