// SPDX-License-Identifier: GPL-3.0-or-later
// Logins in SSH, guessed from the sizes of what the server says once it is encrypted (RFC 4252, 4253). Zeek's documentation describes the idea: the server's
// answer to the client's first request, SERVICE_ACCEPT, carries 17 bytes, USERAUTH_SUCCESS one; whatever cipher and MAC, padding makes that 16 bytes less. The
// first answer that is not a success is a refusal, and others of its size are more of them; other sizes are questions (keys, prompts).
//
// It is a guess: messages that come in one segment with others, or servers that talk of other things meanwhile, make it miss. None of it is decrypted.
//
// Bounds       SSH_LOGIN_TURNS turns are watched; constant memory
// Threads      pure code over one flow's state
#pragma once
#include "decoders/packet/packet.h"

#define SSH_LOGIN_TURNS 512

enum ssh_login_result {
	SSH_LOGIN_UNKNOWN, // nothing to judge by yet
	SSH_LOGIN_REFUSED, // so far, or for good
	SSH_LOGIN_GRANTED,
};

struct ssh_login {
	uint16_t accept;   // bytes of SERVICE_ACCEPT; 0: not seen
	uint16_t refusal;  // bytes of USERAUTH_FAILURE; 0: not seen
	uint16_t refusals; // seen; the first one usually answers a question for the methods there are
	uint16_t turns;
	bool asked;      // the client spoke since the server did
	bool asked_once; // the client spoke at all
	bool first;      // the server's last piece was the first answer to a login
	bool over;       // granted, or not to be told: nothing more need be shown
	uint8_t result;  // enum ssh_login_result
};

// A piece of the encrypted stream, as it was sent. False: nothing more is wanted.
bool ssh_login_piece(struct ssh_login *login, enum direction direction, uint32_t len);
// At least one once there is a result.
unsigned ssh_login_attempts(const struct ssh_login *login);
