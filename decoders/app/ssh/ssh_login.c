// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ssh/ssh_login.h"

#define ACCEPT_LEAST 36  // bytes of a SERVICE_ACCEPT with the smallest tag there is ...
#define ACCEPT_MOST  128 // ... and with the largest MAC
#define LESS         16  // bytes that USERAUTH_SUCCESS is shorter, padded

static void granted(struct ssh_login *login)
{
	login->result = SSH_LOGIN_GRANTED;
	login->over = true;
}

static void take_answer(struct ssh_login *login, uint32_t len)
{
	bool asked = login->asked;
	login->asked = false;
	if (!login->accept) {
		login->accept = (uint16_t)len;
		login->over = len < ACCEPT_LEAST || len > ACCEPT_MOST;
		return;
	}
	if (len == (uint32_t)login->accept - LESS) {
		granted(login);
		return;
	}
	if (!login->refusal || (!asked && login->first)) { // a banner may come before the first refusal
		login->refusal = len > UINT16_MAX ? UINT16_MAX : (uint16_t)len;
		login->refusals = 1;
		login->first = true;
		login->result = SSH_LOGIN_REFUSED;
		return;
	}
	login->first = false;
	if (asked && len == login->refusal)
		login->refusals++;
}

bool ssh_login_piece(struct ssh_login *login, enum direction direction, uint32_t len)
{
	if (login->over || len == 0)
		return !login->over;
	if (direction == TO_SERVER) {
		login->turns += !login->asked;
		login->asked = login->asked_once = true;
		login->over = login->turns > SSH_LOGIN_TURNS;
	} else if (login->asked_once) { // before it the server tells what it can do (RFC 8308)
		take_answer(login, len);
	}
	return !login->over;
}

unsigned ssh_login_attempts(const struct ssh_login *login)
{
	if (login->result == SSH_LOGIN_UNKNOWN)
		return 0;
	unsigned failed = login->refusals > 1 ? login->refusals - 1u : 0;
	unsigned attempts = failed + (login->result == SSH_LOGIN_GRANTED);
	return attempts ? attempts : 1;
}
