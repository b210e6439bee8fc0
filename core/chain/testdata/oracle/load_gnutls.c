/* Says of each file named on the standard input what GnuTLS takes from it as trust anchors: the name of the error, or
 * the common names in the library's own order. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    char path[4096];
    printf("%s\n", gnutls_check_version(NULL));
    fflush(stdout);
    while (fgets(path, sizeof path, stdin) != NULL) {
        gnutls_certificate_credentials_t credentials;
        gnutls_x509_trust_list_t trust;
        gnutls_x509_trust_list_iter_t iterator = NULL;
        gnutls_x509_crt_t crt;
        path[strcspn(path, "\n")] = 0;
        gnutls_certificate_allocate_credentials(&credentials);
        int ret = gnutls_certificate_set_x509_trust_file(credentials, path, GNUTLS_X509_FMT_PEM);
        printf("%s\t", ret < 0 ? gnutls_strerror_name(ret) : "");
        gnutls_certificate_get_trust_list(credentials, &trust);
        while (ret >= 0 && gnutls_x509_trust_list_iter_get_ca(trust, &iterator, &crt) >= 0) {
            char name[256];
            size_t size = sizeof name;
            if (gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) >= 0)
                printf("%s ", name);
            gnutls_x509_crt_deinit(crt);
        }
        printf("\n");
        fflush(stdout);
        gnutls_certificate_free_credentials(credentials);
    }
    return 0;
}
