// SPDX-License-Identifier: GPL-3.0-or-later
// Names of RPC programs (IANA's registry of RPC program numbers), of the port mapper's and MOUNT's operations, and of results.
//
// Threads      const tables
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { SUNRPC_PORTMAP = 100000, SUNRPC_NFS = 100003, SUNRPC_MOUNT = 100005 };

const char *sunrpc_program_name(uint32_t program);                                         // NULL: not known
const char *sunrpc_operation_name(uint32_t program, uint32_t version, uint32_t procedure); // NULL: not known
const char *sunrpc_status_name(bool denied, uint32_t accepted);                            // RFC 5531 section 9
const char *sunrpc_mount_status_name(uint32_t status);                                     // RFC 1813 section 5.1.5
