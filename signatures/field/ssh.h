// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of SSH: banners and the fingerprints of key exchanges.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define SSH_BUFFERS(X)            \
	X(field_ssh_proto)        \
	X(field_ssh_software)     \
	X(field_ssh_hassh)        \
	X(field_ssh_hassh_server) \
	X(field_ssh_hassh_string) \
	X(field_ssh_hassh_server_string)
#define SSH_TESTS(X)              \
	X(field_ssh_protoversion) \
	X(field_ssh_softwareversion)

SSH_BUFFERS(FIELD_DECLARE_BUFFER)
SSH_TESTS(FIELD_DECLARE_TEST)
