import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import sun.security.util.HostnameChecker;
import sun.security.validator.Validator;

/**
 * Judges chains as a TLS 1.3 client or server of this Java does, one on each line of the standard input: purpose, name,
 * milliseconds of the clock, certificates sent, trust anchors, all separated by tabs; certificates are base64 with commas
 * between. For each it prints a line: "ok", or the class and message of the innermost cause.
 */
public class Oracle {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, "UTF-8"); // whatever the locale says
        for (String line; (line = in.readLine()) != null; ) {
            String[] f = line.split("\t", -1);
            String answer;
            try {
                judge(f[0], f[1], Long.parseLong(f[2]), f[3], f[4]);
                answer = "ok";
            } catch (Throwable t) {
                while (t.getCause() != null) {
                    t = t.getCause();
                }
                answer = t.getClass().getSimpleName() + ": " + t.getMessage();
            }
            out.println(answer.replace('\n', ' '));
        }
    }

    static void judge(String purpose, String name, long clock, String sent, String trusted) throws Exception {
        X509Certificate[] chain = certificates(sent, false).toArray(new X509Certificate[0]);
        Set<TrustAnchor> anchors = new LinkedHashSet<>();
        for (X509Certificate c : certificates(trusted, true)) {
            anchors.add(new TrustAnchor(c, null));
        }
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, null);
        parameters.setRevocationEnabled(false);
        parameters.setDate(new Date(clock));
        if (purpose.equals("any")) {
            Validator.getInstance(Validator.TYPE_PKIX, Validator.VAR_GENERIC, parameters).validate(chain);
            identify(name, chain[0]);
            return;
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        X509ExtendedTrustManager manager = (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        if (purpose.equals("client")) {
            manager.checkClientTrusted(chain, "UNKNOWN", new Engine(name, false));
            identify(name, chain[0]);
        } else {
            manager.checkServerTrusted(chain, "UNKNOWN", new Engine(name, !name.isEmpty()));
        }
    }

    /** The check of a name where a trust manager makes none. */
    static void identify(String name, X509Certificate c) throws CertificateException {
        if (!name.isEmpty()) {
            HostnameChecker.getInstance(HostnameChecker.TYPE_TLS).match(name, c);
        }
    }

    static List<X509Certificate> certificates(String list, boolean lenient) throws Exception {
        List<X509Certificate> all = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (String one : list.split(",")) {
            if (one.isEmpty()) {
                continue;
            }
            try {
                all.add((X509Certificate) factory.generateCertificate(
                    new ByteArrayInputStream(Base64.getDecoder().decode(one))));
            } catch (CertificateException e) {
                if (!lenient) {
                    throw e;
                }
            }
        }
        return all;
    }

    /** What a trust manager looks at of a connection in its handshake. */
    static class Engine extends SSLEngine {
        final String name;
        final boolean identify;

        Engine(String name, boolean identify) {
            super(name, 8883);
            this.name = name;
            this.identify = identify;
        }

        public SSLSession getHandshakeSession() { return new Session(name); }
        public SSLParameters getSSLParameters() {
            SSLParameters p = new SSLParameters();
            if (identify) {
                p.setEndpointIdentificationAlgorithm("HTTPS");
            }
            return p;
        }
        public SSLEngineResult wrap(ByteBuffer[] a, int b, int c, ByteBuffer d) { return null; }
        public SSLEngineResult unwrap(ByteBuffer a, ByteBuffer[] b, int c, int d) { return null; }
        public Runnable getDelegatedTask() { return null; }
        public void closeInbound() { }
        public boolean isInboundDone() { return false; }
        public void closeOutbound() { }
        public boolean isOutboundDone() { return false; }
        public String[] getSupportedCipherSuites() { return new String[0]; }
        public String[] getEnabledCipherSuites() { return new String[0]; }
        public void setEnabledCipherSuites(String[] s) { }
        public String[] getSupportedProtocols() { return new String[0]; }
        public String[] getEnabledProtocols() { return new String[0]; }
        public void setEnabledProtocols(String[] s) { }
        public SSLSession getSession() { return null; }
        public void beginHandshake() { }
        public SSLEngineResult.HandshakeStatus getHandshakeStatus() { return null; }
        public void setUseClientMode(boolean b) { }
        public boolean getUseClientMode() { return true; }
        public void setNeedClientAuth(boolean b) { }
        public boolean getNeedClientAuth() { return false; }
        public void setWantClientAuth(boolean b) { }
        public boolean getWantClientAuth() { return false; }
        public void setEnableSessionCreation(boolean b) { }
        public boolean getEnableSessionCreation() { return true; }
    }

    static class Session extends ExtendedSSLSession {
        final String name;

        Session(String name) { this.name = name; }

        /** JSSE's own list, in the form in which it offers it. */
        public String[] getLocalSupportedSignatureAlgorithms() {
            return new String[] {"SHA256withECDSA", "SHA384withECDSA", "Ed25519", "Ed448", "EdDSA", "SHA512withECDSA", "RSASSA-PSS",
                "SHA256withRSA", "SHA384withRSA", "SHA512withRSA", "SHA256withDSA", "SHA224withECDSA", "SHA224withRSA",
                "SHA224withDSA", "SHA1withECDSA", "SHA1withRSA", "SHA1withDSA"};
        }
        public String[] getPeerSupportedSignatureAlgorithms() { return new String[0]; }
        public List<byte[]> getStatusResponses() { return new ArrayList<>(); }
        public List<SNIServerName> getRequestedServerNames() {
            List<SNIServerName> names = new ArrayList<>();
            // JSSE sends no server name for an address, and none without a dot.
            if (name.indexOf('.') > 0 && name.indexOf(':') < 0 && !name.matches("[0-9.]*")) {
                try {
                    names.add(new SNIHostName(name));
                } catch (IllegalArgumentException e) {
                    return names;
                }
            }
            return names;
        }
        public String getProtocol() { return "TLSv1.3"; }
        public String getPeerHost() { return name; }
        public byte[] getId() { return new byte[0]; }
        public SSLSessionContext getSessionContext() { return null; }
        public long getCreationTime() { return 0; }
        public long getLastAccessedTime() { return 0; }
        public void invalidate() { }
        public boolean isValid() { return true; }
        public void putValue(String n, Object v) { }
        public Object getValue(String n) { return null; }
        public void removeValue(String n) { }
        public String[] getValueNames() { return new String[0]; }
        public Certificate[] getPeerCertificates() { return null; }
        public Certificate[] getLocalCertificates() { return null; }
        public Principal getPeerPrincipal() { return null; }
        public Principal getLocalPrincipal() { return null; }
        public String getCipherSuite() { return "TLS_AES_128_GCM_SHA256"; }
        public int getPeerPort() { return 8883; }
        public int getPacketBufferSize() { return 0; }
        public int getApplicationBufferSize() { return 0; }
    }
}
