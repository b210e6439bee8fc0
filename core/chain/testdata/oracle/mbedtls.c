/* Says of each case what a TLS client of mbedTLS 2.28 says: the error number in hexadecimal, 0 for none, and the flags.
 * It does what ssl_parse_certificate_chain and ssl_parse_certificate_verify do between the handshake messages. */
#include "case.h"

#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_internal.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

static time_t now;

/* The library asks for the time through this. */
time_t time(time_t *t) {
    if (t != NULL)
        *t = now;
    return now;
}

static int judge(struct test_case *c, uint32_t *flags) {
    mbedtls_x509_crt chain, anchors;
    int ret = 0;
    *flags = 0;
    mbedtls_x509_crt_init(&chain);
    mbedtls_x509_crt_init(&anchors);
    for (int i = 0; i < c->anchor_count; i++)
        mbedtls_x509_crt_parse_der(&anchors, c->anchors[i].data, c->anchors[i].size); /* as in a PEM file, others are skipped */
    for (int i = 0; i < c->sent_count; i++) {
        ret = mbedtls_x509_crt_parse_der(&chain, c->sent[i].data, c->sent[i].size);
        if (ret == MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG + MBEDTLS_ERR_OID_NOT_FOUND)
            continue;
        if (ret != 0)
            goto end;
    }
    if (chain.version == 0) /* all were skipped; ret says why */
        goto end;
    ret = mbedtls_x509_crt_verify(&chain, &anchors, NULL, c->name, flags, NULL, NULL);
    if (strcmp(c->purpose, "any") != 0) {
        mbedtls_ssl_ciphersuite_t suite = { .key_exchange = MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA };
        int endpoint = strcmp(c->purpose, "server") == 0 ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT;
        if (mbedtls_ssl_check_cert_usage(&chain, &suite, endpoint, flags) != 0 && ret == 0)
            ret = MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE;
    }
end:
    mbedtls_x509_crt_free(&chain);
    mbedtls_x509_crt_free(&anchors);
    return ret;
}

int main(void) {
    static struct test_case c;
    printf("%s\n", MBEDTLS_VERSION_STRING);
    fflush(stdout);
    while (next_case(&c)) {
        uint32_t flags;
        char text[600] = "", info[2000] = "";
        now = c.at;
        int ret = judge(&c, &flags);
        if (ret != 0)
            mbedtls_strerror(ret, text, sizeof text);
        if (ret == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED || ret == MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE) {
            mbedtls_x509_crt_verify_info(info, sizeof info, "; ", flags);
            size_t n = strlen(info);
            for (size_t i = 0; i < n; i++)
                if (info[i] == '\n')
                    info[i] = ' ';
        }
        printf("-0x%04x\t%s\t%s\n", (unsigned) -ret, text, info);
        fflush(stdout);
    }
    return 0;
}
