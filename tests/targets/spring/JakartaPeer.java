import jakarta.mail.Address;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Properties;

/** Plain Jakarta Mail. Each line of the input is a command; each gives one line: `ok ...`, or the names of the exceptions. */
public class JakartaPeer {
    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            System.out.println(answer(words[0], words[1]));
        }
    }

    private static String answer(String command, String argument) {
        try {
            switch (command) {
                case "send": return send(load(new FileInputStream(argument)));
                case "sendas": return send(load(new java.io.ByteArrayInputStream(decoded(argument).getBytes(StandardCharsets.ISO_8859_1))));
                case "value": return "ok " + encoded(read(decoded(argument)).getProperty("x"));
                case "from": {
                    Properties properties = read(decoded(argument));
                    MimeMessage message = new MimeMessage(Session.getInstance(properties));
                    message.setFrom();
                    InternetAddress from = (InternetAddress) message.getFrom()[0];
                    return "ok " + encoded(from.getPersonal() == null ? "" : from.getPersonal()) + " " + encoded(from.getAddress());
                }
                default: throw new IllegalArgumentException(command);
            }
        } catch (Exception failure) {
            StringBuilder names = new StringBuilder("failed");
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                names.append(' ').append(cause.getClass().getSimpleName());
            }
            return names.toString();
        }
    }

    private static Properties load(InputStream stream) throws Exception {
        Properties properties = new Properties();
        properties.load(stream);
        return properties;
    }

    private static Properties read(String text) throws Exception {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        return properties;
    }

    private static String send(Properties properties) throws Exception {
        Session session = Session.getInstance(properties);
        MimeMessage message = new MimeMessage(session);
        message.setFrom();
        message.setRecipient(Message.RecipientType.TO, new InternetAddress("you@customer.test"));
        message.setSubject("Grüße", "UTF-8");
        message.setText("body", "UTF-8");
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith("message.header.")) {
                message.setHeader(name.substring("message.header.".length()), properties.getProperty(name));
            }
        }
        message.saveChanges();
        try (Transport transport = session.getTransport()) {
            transport.connect(login(properties, "user"), login(properties, "password"));
            transport.sendMessage(message, message.getAllRecipients());
        }
        return "ok";
    }

    private static String login(Properties properties, String part) {
        String variable = properties.getProperty("login." + part + ".env");
        return variable == null ? null : System.getenv(variable);
    }

    private static String decoded(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
