// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/process/signals.h"
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_bool stop_asked;

static void on_stop(int signal)
{
	if (atomic_exchange(&stop_asked, true))
		_exit(128 + signal); // asked twice: somebody is waiting
}

void signals_install(void)
{
	struct sigaction stop = { .sa_handler = on_stop };
	sigemptyset(&stop.sa_mask);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, NULL);
}

bool signals_stop_asked(void)
{
	return atomic_load_explicit(&stop_asked, memory_order_relaxed);
}
