// SPDX-License-Identifier: GPL-3.0-or-later
// Names of Kerberos' message types, encryption types and errors (RFC 3961, RFC 4120 section 7.5, RFC 6113, RFC 8009, IANA).
#include <stdio.h>
#include "decoders/app/krb5/krb5_message.h"

struct number_name {
	int32_t number;
	const char *name;
};

static const char *find(const struct number_name *names, int32_t number)
{
	for (; names->name; names++)
		if (names->number == number)
			return names->name;
	return NULL;
}

static const struct number_name types[] = {
	{ KRB5_AS_REQ, "KRB_AS_REQ" },
	{ KRB5_AS_REP, "KRB_AS_REP" },
	{ KRB5_TGS_REQ, "KRB_TGS_REQ" },
	{ KRB5_TGS_REP, "KRB_TGS_REP" },
	{ KRB5_AP_REQ, "KRB_AP_REQ" },
	{ KRB5_AP_REP, "KRB_AP_REP" },
	{ KRB5_SAFE, "KRB_SAFE" },
	{ KRB5_PRIV, "KRB_PRIV" },
	{ KRB5_CRED, "KRB_CRED" },
	{ KRB5_ERROR, "KRB_ERROR" },
	{ 0, NULL },
};

// As events write them, and as rules and IANA do.
static const struct {
	int32_t etype;
	const char *name, *registered;
} etypes[] = {
	{ -135, "ARCFOUR_HMAC_OLD_EXP", NULL },
	{ -133, "ARCFOUR_HMAC_OLD", NULL },
	{ -128, "ARCFOUR_MD4", NULL },
	{ 1, "DES_CBC_CRC", "des-cbc-crc" },
	{ 2, "DES_CBC_MD4", "des-cbc-md4" },
	{ 3, "DES_CBC_MD5", "des-cbc-md5" },
	{ 4, "RESERVED_4", NULL },
	{ 5, "DES3_CBC_MD5", "des3-cbc-md5" },
	{ 6, "RESERVED_6", NULL },
	{ 7, "DES3_CBC_SHA1", "des3-cbc-sha1" },
	{ 9, "DSAWITHSHA1_CMSOID", "dsaWithSHA1-CmsOID" },
	{ 10, "MD5WITHRSAENCRYPTION_CMSOID", "md5WithRSAEncryption-CmsOID" },
	{ 11, "SHA1WITHRSAENCRYPTION_CMSOID", "sha1WithRSAEncryption-CmsOID" },
	{ 12, "RC2CBC_ENVOID", "rc2CBC-EnvOID" },
	{ 13, "RSAENCRYPTION_ENVOID", "rsaEncryption-EnvOID" },
	{ 14, "RSAES_OAEP_ENV_OID", "rsaES-OAEP-ENV-OID" },
	{ 15, "DES_EDE3_CBC_ENV_OID", "des-ede3-cbc-Env-OID" },
	{ 16, "DES3_CBC_SHA1_KD", "des3-cbc-sha1-kd" },
	{ 17, "AES128_CTS_HMAC_SHA1_96", "aes128-cts-hmac-sha1-96" },
	{ 18, "AES256_CTS_HMAC_SHA1_96", "aes256-cts-hmac-sha1-96" },
	{ 19, "AES128_CTS_HMAC_SHA256_128", "aes128-cts-hmac-sha256-128" },
	{ 20, "AES256_CTS_HMAC_SHA384_192", "aes256-cts-hmac-sha384-192" },
	{ 23, "ARCFOUR_HMAC_MD5", "rc4-hmac" },
	{ 24, "ARCFOUR_HMAC_MD5_56", "rc4-hmac-exp" },
	{ 25, "CAMELLIA128_CTS_CMAC", "camellia128-cts-cmac" },
	{ 26, "CAMELLIA256_CTS_CMAC", "camellia256-cts-cmac" },
	{ 65, "SUBKEY_KEYMATERIAL", "subkey-keymaterial" },
};

static const struct number_name errors[] = {
	{ 0, "KDC_ERR_NONE" },
	{ 1, "KDC_ERR_NAME_EXP" },
	{ 2, "KDC_ERR_SERVICE_EXP" },
	{ 3, "KDC_ERR_BAD_PVNO" },
	{ 4, "KDC_ERR_C_OLD_MAST_KVNO" },
	{ 5, "KDC_ERR_S_OLD_MAST_KVNO" },
	{ 6, "KDC_ERR_C_PRINCIPAL_UNKNOWN" },
	{ 7, "KDC_ERR_S_PRINCIPAL_UNKNOWN" },
	{ 8, "KDC_ERR_PRINCIPAL_NOT_UNIQUE" },
	{ 9, "KDC_ERR_NULL_KEY" },
	{ 10, "KDC_ERR_CANNOT_POSTDATE" },
	{ 11, "KDC_ERR_NEVER_VALID" },
	{ 12, "KDC_ERR_POLICY" },
	{ 13, "KDC_ERR_BADOPTION" },
	{ 14, "KDC_ERR_ETYPE_NOSUPP" },
	{ 15, "KDC_ERR_SUMTYPE_NOSUPP" },
	{ 16, "KDC_ERR_PADATA_TYPE_NOSUPP" },
	{ 17, "KDC_ERR_TRTYPE_NOSUPP" },
	{ 18, "KDC_ERR_CLIENT_REVOKED" },
	{ 19, "KDC_ERR_SERVICE_REVOKED" },
	{ 20, "KDC_ERR_TGT_REVOKED" },
	{ 21, "KDC_ERR_CLIENT_NOTYET" },
	{ 22, "KDC_ERR_SERVICE_NOTYET" },
	{ 23, "KDC_ERR_KEY_EXPIRED" },
	{ 24, "KDC_ERR_PREAUTH_FAILED" },
	{ 25, "KDC_ERR_PREAUTH_REQUIRED" },
	{ 26, "KDC_ERR_SERVER_NOMATCH" },
	{ 27, "KDC_ERR_MUST_USE_USER2USER" },
	{ 28, "KDC_ERR_PATH_NOT_ACCEPTED" },
	{ 29, "KDC_ERR_SVC_UNAVAILABLE" },
	{ 31, "KRB_AP_ERR_BAD_INTEGRITY" },
	{ 32, "KRB_AP_ERR_TKT_EXPIRED" },
	{ 33, "KRB_AP_ERR_TKT_NYV" },
	{ 34, "KRB_AP_ERR_REPEAT" },
	{ 35, "KRB_AP_ERR_NOT_US" },
	{ 36, "KRB_AP_ERR_BADMATCH" },
	{ 37, "KRB_AP_ERR_SKEW" },
	{ 38, "KRB_AP_ERR_BADADDR" },
	{ 39, "KRB_AP_ERR_BADVERSION" },
	{ 40, "KRB_AP_ERR_MSG_TYPE" },
	{ 41, "KRB_AP_ERR_MODIFIED" },
	{ 42, "KRB_AP_ERR_BADORDER" },
	{ 44, "KRB_AP_ERR_BADKEYVER" },
	{ 45, "KRB_AP_ERR_NOKEY" },
	{ 46, "KRB_AP_ERR_MUT_FAIL" },
	{ 47, "KRB_AP_ERR_BADDIRECTION" },
	{ 48, "KRB_AP_ERR_METHOD" },
	{ 49, "KRB_AP_ERR_BADSEQ" },
	{ 50, "KRB_AP_ERR_INAPP_CKSUM" },
	{ 51, "KRB_AP_PATH_NOT_ACCEPTED" },
	{ 52, "KRB_ERR_RESPONSE_TOO_BIG" },
	{ 60, "KRB_ERR_GENERIC" },
	{ 61, "KRB_ERR_FIELD_TOOLONG" },
	{ 62, "KDC_ERROR_CLIENT_NOT_TRUSTED" },
	{ 63, "KDC_ERROR_KDC_NOT_TRUSTED" },
	{ 64, "KDC_ERROR_INVALID_SIG" },
	{ 65, "KDC_ERR_KEY_TOO_WEAK" },
	{ 66, "KDC_ERR_CERTIFICATE_MISMATCH" },
	{ 67, "KRB_AP_ERR_NO_TGT" },
	{ 68, "KDC_ERR_WRONG_REALM" },
	{ 69, "KRB_AP_ERR_USER_TO_USER_REQUIRED" },
	{ 70, "KDC_ERR_CANT_VERIFY_CERTIFICATE" },
	{ 71, "KDC_ERR_INVALID_CERTIFICATE" },
	{ 72, "KDC_ERR_REVOKED_CERTIFICATE" },
	{ 73, "KDC_ERR_REVOCATION_STATUS_UNKNOWN" },
	{ 74, "KDC_ERR_REVOCATION_STATUS_UNAVAILABLE" },
	{ 75, "KDC_ERR_CLIENT_NAME_MISMATCH" },
	{ 76, "KDC_ERR_KDC_NAME_MISMATCH" },
	{ 77, "KDC_ERR_INCONSISTENT_KEY_PURPOSE" },
	{ 78, "KDC_ERR_DIGEST_IN_CERT_NOT_ACCEPTED" },
	{ 79, "KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED" },
	{ 80, "KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED" },
	{ 81, "KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED" },
	{ 90, "KDC_ERR_PREAUTH_EXPIRED" },
	{ 91, "KDC_ERR_MORE_PREAUTH_DATA_REQUIRED" },
	{ 92, "KDC_ERR_PREAUTH_BAD_AUTHENTICATION_SET" },
	{ 93, "KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS" },
	{ 0, NULL },
};

const char *krb5_type_name(uint8_t type, char buffer[32])
{
	const char *name = find(types, type);
	if (!name)
		snprintf(buffer, 32, "MessageType(%u)", type);
	return name ? name : buffer;
}

const char *krb5_etype_name(int32_t etype, char buffer[32])
{
	for (unsigned i = 0; i < sizeof etypes / sizeof *etypes; i++)
		if (etypes[i].etype == etype)
			return etypes[i].name;
	snprintf(buffer, 32, "EncryptionType(%d)", etype);
	return buffer;
}

const char *krb5_error_name(int32_t error, char buffer[32])
{
	const char *name = find(errors, error);
	if (!name)
		snprintf(buffer, 32, "ErrorCode(%d)", error);
	return name ? name : buffer;
}

bool krb5_etype_is_weak(int32_t etype)
{
	return !((etype >= 17 && etype <= 20) || etype == 25 || etype == 26);
}

bool krb5_etype_find(struct span name, int32_t *out)
{
	for (unsigned i = 0; i < sizeof etypes / sizeof *etypes; i++)
		if ((etypes[i].registered && span_is_nocase(name, etypes[i].registered)) ||
			span_is_nocase(name, etypes[i].name)) {
			*out = etypes[i].etype;
			return true;
		}
	return false;
}
