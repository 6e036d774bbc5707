// SPDX-License-Identifier: GPL-3.0-or-later
// NFS 2, 3 and 4 (RFC 1094, 1813, 7530, 8881) over ONC RPC (RFC 5531), TCP and UDP. A transaction is a call with its reply, or a file: all reads, or all
// writes, of a file handle. Of version 4 only what has a name is one (create, remove, rename), and files, as in Suricata.
//
// Memory       worker's slab: names, handles, files; data of files is passed on as it comes and never kept whole
// Bounds       NFS_CALLS calls without a reply and NFS_NAMES names a flow; NFS_FILES_HELD written files that wait for the flow's end
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/nfs/rpc.h"
#include "decoders/base/bytes.h"

#define NFS_HANDLE_MAX 128
#define NFS_NAME_MAX   1024
#define NFS_CALLS      128
#define NFS_NAMES      256
#define NFS_FILES_HELD 64

enum nfs_event {
	NFS_MALFORMED_DATA,
	NFS_NONEXISTENT_VERSION,
	NFS_UNSUPPORTED_VERSION,
	NFS_TOO_MANY_TRANSACTIONS,
};

struct nfs_handle {
	uint8_t len;
	uint8_t bytes[NFS_HANDLE_MAX];
};

struct nfs_tx {
	struct app_tx tx;
	uint32_t xid, procedure, version;
	bool is_file, closed;   // closed: no more data goes to the file
	bool first, last;       // file: its first and its last piece were seen
	enum direction carries; // file: where its data goes
	uint32_t chunks, last_xid;
	uint64_t offset; // file: of the next byte
	struct file *file;
	struct bytes name, to; // to: RENAME's new name
	struct nfs_handle handle;
	uint32_t auth, uid, gid;     // enum rpc_auth
	struct bytes machine;        // of RPC_AUTH_UNIX
	uint32_t rpc_status, status; // of the reply
};

extern const struct app_parser nfs_parser;

static inline const struct nfs_tx *nfs_tx_of(const struct app_tx *tx)
{
	return (const struct nfs_tx *)(const void *)tx;
}

// Names as in the RFCs; NULL: no such.
const char *nfs_procedure_name(uint32_t version, uint32_t procedure);
const char *nfs_status_name(uint32_t version, uint32_t status);
// The CRC-32 by which handles are told.
uint32_t nfs_handle_hash(const struct nfs_handle *handle);
