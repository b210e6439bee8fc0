import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/** Says of each file named on the standard input what a CertificateFactory takes from it: the exception, a tab, the common names. */
public class Load {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String path; (path = in.readLine()) != null; ) {
            StringBuilder names = new StringBuilder();
            try (InputStream file = new FileInputStream(path)) {
                for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                    names.append(((X509Certificate) c).getSubjectX500Principal().getName().substring(3)).append(' ');
                }
                System.out.println("\t" + names);
            } catch (Throwable t) {
                while (t.getCause() != null) {
                    t = t.getCause();
                }
                System.out.println((t.getClass().getSimpleName() + ": " + t.getMessage()).replaceAll("[\t\n]", " ") + "\t");
            }
        }
    }
}
