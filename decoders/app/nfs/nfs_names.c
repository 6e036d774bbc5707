// SPDX-License-Identifier: GPL-3.0-or-later
// Names of procedures, operations and statuses.
#include "decoders/app/nfs/nfs.h"

static const char *const version_2[] = { "NULL", "GETATTR", "SETATTR", "ROOT", "LOOKUP", "READLINK", "READ",
	"WRITECACHE", "WRITE", "CREATE", "REMOVE", "RENAME", "LINK", "SYMLINK", "MKDIR", "RMDIR", "READDIR", "STATFS" };
static const char *const version_3[] = { "NULL", "GETATTR", "SETATTR", "LOOKUP", "ACCESS", "READLINK", "READ", "WRITE",
	"CREATE", "MKDIR", "SYMLINK", "MKNOD", "REMOVE", "RMDIR", "RENAME", "LINK", "READDIR", "READDIRPLUS", "FSSTAT",
	"FSINFO", "PATHCONF", "COMMIT" };
static const char *const version_4[] = { "NULL", "COMPOUND", NULL, "ACCESS", "CLOSE", "COMMIT", "CREATE", "DELEGPURGE",
	"DELEGRETURN", "GETATTR", "GETFH", "LINK", "LOCK", "LOCKT", "LOCKU", "LOOKUP", "LOOKUPP", "NVERIFY", "OPEN",
	"OPENATTR", "OPEN_CONFIRM", "OPEN_DOWNGRADE", "PUTFH", "PUTPUBFH", "PUTROOTFH", "READ", "READDIR", "READLINK",
	"REMOVE", "RENAME", "RENEW", "RESTOREFH", "SAVEFH", "SECINFO", "SETATTR", "SETCLIENTID", "SETCLIENTID_CONFIRM",
	"VERIFY", "WRITE", "RELEASE_LOCKOWNER" };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const char *nfs_procedure_name(uint32_t version, uint32_t procedure)
{
	if (version == 2)
		return procedure < COUNT(version_2) ? version_2[procedure] : NULL;
	if (version == 3)
		return procedure < COUNT(version_3) ? version_3[procedure] : NULL;
	return procedure < COUNT(version_4) ? version_4[procedure] : NULL;
}

static const struct {
	uint32_t value;
	const char *name;
} statuses[] = {
	{ 0, "OK" },
	{ 1, "ERR_PERM" },
	{ 2, "ERR_NOENT" },
	{ 5, "ERR_IO" },
	{ 6, "ERR_NXIO" },
	{ 13, "ERR_ACCESS" },
	{ 17, "ERR_EXIST" },
	{ 18, "ERR_XDEV" },
	{ 19, "ERR_NODEV" },
	{ 20, "ERR_NOTDIR" },
	{ 21, "ERR_ISDIR" },
	{ 22, "ERR_INVAL" },
	{ 27, "ERR_FBIG" },
	{ 28, "ERR_NOSPC" },
	{ 30, "ERR_ROFS" },
	{ 31, "ERR_MLINK" },
	{ 63, "ERR_NAMETOOLONG" },
	{ 66, "ERR_NOTEMPTY" },
	{ 69, "ERR_DQUOT" },
	{ 70, "ERR_STALE" },
	{ 71, "ERR_REMOTE" },
	{ 10001, "ERR_BADHANDLE" },
	{ 10002, "ERR_NOT_SYNC" },
	{ 10003, "ERR_BAD_COOKIE" },
	{ 10004, "ERR_NOTSUPP" },
	{ 10005, "ERR_TOOSMALL" },
	{ 10006, "ERR_SERVERFAULT" },
	{ 10007, "ERR_BADTYPE" },
	{ 10008, "ERR_JUKEBOX" },
};

const char *nfs_status_name(uint32_t version, uint32_t status)
{
	(void)version;
	for (unsigned i = 0; i < COUNT(statuses); i++)
		if (statuses[i].value == status)
			return statuses[i].name;
	return NULL;
}

uint32_t nfs_handle_hash(const struct nfs_handle *handle)
{
	uint32_t crc = UINT32_MAX;
	for (unsigned i = 0; i < handle->len; i++) {
		crc ^= handle->bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	}
	return ~crc;
}
