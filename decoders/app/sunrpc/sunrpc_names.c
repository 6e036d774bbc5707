// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/sunrpc/sunrpc_names.h"
#include <stddef.h>

static const struct {
	uint32_t program;
	const char *name;
} programs[] = {
	{ 100000, "portmapper" },
	{ 100001, "rstatd" },
	{ 100002, "rusersd" },
	{ 100003, "nfs" },
	{ 100004, "ypserv" },
	{ 100005, "mountd" },
	{ 100007, "ypbind" },
	{ 100008, "walld" },
	{ 100009, "yppasswdd" },
	{ 100011, "rquotad" },
	{ 100012, "sprayd" },
	{ 100017, "rexd" },
	{ 100021, "nlockmgr" },
	{ 100024, "status" },
	{ 100026, "bootparam" },
	{ 100028, "ypupdated" },
	{ 100068, "cmsd" },
	{ 100069, "ypxfrd" },
	{ 100083, "ttdbserverd" },
	{ 100221, "kcms_server" },
	{ 100227, "nfs_acl" },
	{ 100232, "sadmind" },
	{ 100249, "snmpXdmid" },
	{ 150001, "pcnfsd" },
	{ 390113, "nsrexecd" },
};

static const char *const portmap2[] = { "NULL", "SET", "UNSET", "GETPORT", "DUMP", "CALLIT" };
static const char *const rpcbind[] = { "NULL", "SET", "UNSET", "GETADDR", "DUMP", "CALLIT", "GETTIME", "UADDR2TADDR",
	"TADDR2UADDR", "GETVERSADDR", "INDIRECT", "GETADDRLIST", "GETSTAT" };
static const char *const mount[] = { "NULL", "MNT", "DUMP", "UMNT", "UMNTALL", "EXPORT" };

#define PICK(list, index) ((index) < sizeof(list) / sizeof((list)[0]) ? (list)[index] : NULL)

const char *sunrpc_program_name(uint32_t program)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (programs[i].program == program)
			return programs[i].name;
	return NULL;
}

const char *sunrpc_operation_name(uint32_t program, uint32_t version, uint32_t procedure)
{
	if (program == SUNRPC_PORTMAP)
		return version <= 2 ? PICK(portmap2, procedure) : PICK(rpcbind, procedure);
	return program == SUNRPC_MOUNT ? PICK(mount, procedure) : procedure ? NULL : "NULL";
}

const char *sunrpc_status_name(bool denied, uint32_t accepted)
{
	static const char *const names[] = { "success", "program_unavailable", "program_mismatch",
		"procedure_unavailable", "garbage_arguments", "system_error" };
	return denied ? "denied" : accepted < sizeof(names) / sizeof(names[0]) ? names[accepted] : "unknown";
}

const char *sunrpc_mount_status_name(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *name;
	} names[] = { { 0, "OK" }, { 1, "PERM" }, { 2, "NOENT" }, { 5, "IO" }, { 13, "ACCES" }, { 20, "NOTDIR" },
		{ 22, "INVAL" }, { 63, "NAMETOOLONG" }, { 10004, "NOTSUPP" }, { 10006, "SERVERFAULT" } };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].status == status)
			return names[i].name;
	return "unknown";
}
