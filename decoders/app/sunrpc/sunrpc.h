// SPDX-License-Identifier: GPL-3.0-or-later
// Sun RPC (RFC 5531) beside NFS: the port mapper of versions 2 to 4 (RFC 1833), MOUNT (RFC 1813 appendix I, RFC 1094 appendix A), and the calls of other
// programs by name. What the port mapper tells a client of a port is announced: the flow that follows is read as what it was said to be.
//
// Bounds       SUNRPC_MESSAGE_MAX bytes of a message are read, SUNRPC_LIST_MAX entries of a list; replies find their call by its identifier
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"
#include "decoders/base/bytes.h"

#define SUNRPC_MESSAGE_MAX (16u << 10)
#define SUNRPC_LIST_MAX    24

enum sunrpc_fact {
	SUNRPC_XID,
	SUNRPC_PROGRAM,
	SUNRPC_VERSION,
	SUNRPC_PROCEDURE,
	SUNRPC_NAME, // "portmapper", "mountd" ...
	SUNRPC_OPERATION,
	SUNRPC_AUTH,
	SUNRPC_MACHINE,
	SUNRPC_UID,
	SUNRPC_GID,
	SUNRPC_WANTED_PROGRAM,
	SUNRPC_WANTED_NAME,
	SUNRPC_WANTED_VERSION,
	SUNRPC_WANTED_PROTOCOL,
	SUNRPC_PORT,
	SUNRPC_ADDRESS,
	SUNRPC_PATH,
	SUNRPC_STATUS,
	SUNRPC_MAPPINGS,
	SUNRPC_EXPORTS,
	SUNRPC_MOUNTS,
};

extern const struct fact_name sunrpc_facts[];
extern const struct app_parser sunrpc_parser;
