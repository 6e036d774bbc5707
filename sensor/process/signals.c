// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/process/signals.h"
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_bool stop_asked, reload_asked;

static void on_stop(int signal)
{
	if (atomic_exchange(&stop_asked, true))
		_exit(128 + signal); // asked twice: somebody is waiting
}

static void on_reload(int signal)
{
	(void)signal;
	atomic_store_explicit(&reload_asked, true, memory_order_relaxed);
}

void signals_install(void)
{
	struct sigaction stop = { .sa_handler = on_stop };
	sigemptyset(&stop.sa_mask);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	struct sigaction reload = { .sa_handler = on_reload, .sa_flags = SA_RESTART };
	sigemptyset(&reload.sa_mask);
	sigaction(SIGHUP, &reload, NULL);
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, NULL);
}

bool signals_stop_asked(void)
{
	return atomic_load_explicit(&stop_asked, memory_order_relaxed);
}

void signals_ask_stop(void)
{
	atomic_store_explicit(&stop_asked, true, memory_order_relaxed);
}

bool signals_take_reload(void)
{
	return atomic_load_explicit(&reload_asked, memory_order_relaxed) &&
	       atomic_exchange_explicit(&reload_asked, false, memory_order_relaxed);
}
