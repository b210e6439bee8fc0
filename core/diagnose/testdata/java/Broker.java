import java.io.FileInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A server that requires client certificates and judges them as Java does, on one port with TLS 1.2 and on one with
 * TLS 1.3. It answers whatever it is told with the CONNACK of MQTT 5.0. Its argument is the folder of ca.pem,
 * server.crt and server.key. It prints its ports and ends when its input does.
 */
public class Broker {
    static final byte[] CONNACK = {0x20, 3, 0, 0, 0};

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", certificate(folder.resolve("ca.pem")));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);

        String pem = Files.readString(folder.resolve("server.key")).replaceAll("-----[A-Z ]+-----|\\s", "");
        PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("server", key, new char[0], new Certificate[] {certificate(folder.resolve("server.crt"))});
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);

        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        System.out.println("ready " + listen(context, "TLSv1.2") + " " + listen(context, "TLSv1.3"));
        System.in.transferTo(System.err);
        System.exit(0);
    }

    static Certificate certificate(Path file) throws Exception {
        try (InputStream in = new FileInputStream(file.toFile())) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    static int listen(SSLContext context, String version) throws Exception {
        SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        server.setNeedClientAuth(true);
        server.setEnabledProtocols(new String[] {version});
        start(() -> {
            while (true) {
                SSLSocket client = (SSLSocket) server.accept();
                start(() -> converse(client));
            }
        });
        return server.getLocalPort();
    }

    static void converse(SSLSocket client) throws Exception {
        try (client) {
            InputStream in = client.getInputStream();
            if (in.read() >= 0) { // shakes hands first
                client.getOutputStream().write(CONNACK);
                in.transferTo(java.io.OutputStream.nullOutputStream());
            }
        } catch (java.io.IOException refused) {
            // The client has been told by an alert.
        }
    }

    interface Task {
        void run() throws Exception;
    }

    static void start(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (Exception e) {
                e.printStackTrace();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
