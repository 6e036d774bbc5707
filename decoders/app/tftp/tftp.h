// SPDX-License-Identifier: GPL-3.0-or-later
// TFTP (RFC 1350, 2347, 2348): read and write requests, a transaction each. The transfer goes from a port of the server's choice, in a flow that the request
// announces, or in the same one: a transaction without a message, whose file it is.
//
// Memory       worker's slab: a copy of each request
// Bounds       one transfer a flow at a time
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"

enum tftp_opcode { TFTP_READ = 1, TFTP_WRITE, TFTP_DATA, TFTP_ACK, TFTP_ERROR, TFTP_OPTIONS };

struct tftp_request {
	uint16_t opcode; // TFTP_READ or TFTP_WRITE
	struct span file, mode;
};

// False: no request.
bool tftp_request_read(struct span data, struct tftp_request *request);

extern const struct app_parser tftp_parser;
