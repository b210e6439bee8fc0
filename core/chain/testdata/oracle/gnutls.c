/* Says of each case what a TLS client of GnuTLS 3.7 says: the name of the error, 0 for none, and the sentences. It does
 * what gnutls_certificate_verify_peers does with the certificates of a session of the priority NORMAL, and looks at the
 * keyUsage as the handshake does. */
#include "case.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

static time_t now;

static time_t clock_of_case(time_t *t) {
    if (t != NULL)
        *t = now;
    return now;
}

static gnutls_x509_crt_t import(struct der d, int *ret) {
    gnutls_x509_crt_t crt;
    gnutls_datum_t datum = { d.data, (unsigned) d.size };
    gnutls_x509_crt_init(&crt);
    *ret = gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER);
    if (*ret >= 0)
        return crt;
    gnutls_x509_crt_deinit(crt);
    return NULL;
}

static int judge(struct test_case *c, unsigned *status) {
    gnutls_x509_crt_t sent[MOST];
    gnutls_x509_trust_list_t trust;
    gnutls_typed_vdata_st data[2];
    unsigned elements = 0, usage = 0, critical;
    int ret = 0, count = 0;
    *status = 0;
    if (c->sent_count > 16) /* verify_depth of the credentials */
        return GNUTLS_E_CONSTRAINT_ERROR;
    gnutls_x509_trust_list_init(&trust, 0);
    for (int i = 0; i < c->anchor_count; i++) {
        int ignored;
        gnutls_x509_crt_t anchor = import(c->anchors[i], &ignored);
        if (anchor != NULL)
            gnutls_x509_trust_list_add_cas(trust, &anchor, 1, 0);
    }
    for (; count < c->sent_count; count++)
        if ((sent[count] = import(c->sent[count], &ret)) == NULL)
            goto end;
    memset(data, 0, sizeof data);
    if (c->name != NULL) {
        data[elements].type = GNUTLS_DT_DNS_HOSTNAME;
        data[elements++].data = (unsigned char *) c->name;
    }
    if (strcmp(c->purpose, "any") != 0) {
        data[elements].type = GNUTLS_DT_KEY_PURPOSE_OID;
        data[elements++].data = (unsigned char *) (strcmp(c->purpose, "server") == 0 ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT);
    }
    ret = gnutls_x509_trust_list_verify_crt2(trust, sent, count, data, elements,
                                             GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_LOW), status, NULL);
    if (ret < 0)
        goto end;
    if (*status != 0)
        ret = GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
    else if (strcmp(c->purpose, "any") != 0 && gnutls_x509_crt_get_key_usage(sent[0], &usage, &critical) >= 0 &&
             usage != 0 && (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) == 0)
        ret = GNUTLS_E_KEY_USAGE_VIOLATION;
end:
    while (count > 0)
        gnutls_x509_crt_deinit(sent[--count]);
    gnutls_x509_trust_list_deinit(trust, 1);
    return ret;
}

int main(void) {
    static struct test_case c;
    gnutls_global_set_time_function(clock_of_case);
    printf("%s\n", gnutls_check_version(NULL));
    fflush(stdout);
    while (next_case(&c)) {
        unsigned status;
        gnutls_datum_t text = { NULL, 0 };
        now = c.at;
        int ret = judge(&c, &status);
        if (status != 0)
            gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0);
        printf("%s\t%s\n", ret == 0 ? "0" : gnutls_strerror_name(ret), text.data != NULL ? (char *) text.data : gnutls_strerror(ret));
        fflush(stdout);
        gnutls_free(text.data);
    }
    return 0;
}
