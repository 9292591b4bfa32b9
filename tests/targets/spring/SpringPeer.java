import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import javax.mail.internet.MimeMessage;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertiesPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.mail.javamail.JavaMailSenderImpl;
import org.springframework.mail.javamail.MimeMessageHelper;

/**
 * Spring Framework's own YAML reader, placeholders and mail sender. Each line of the input is a command, a file (or `=` and
 * base64 of its text) and a route (`-`: as the file and the environment say); each gives one line.
 */
public class SpringPeer {
    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            System.out.println(answer(words[0], words[1], words[2]));
        }
    }

    private static String answer(String command, String file, String route) {
        try {
            Properties read = read(file);
            StandardEnvironment environment = environment(read, route);
            switch (command) {
                case "send": send(environment, read); return "ok";
                case "values": return "ok" + values(environment, read);
                default: throw new IllegalArgumentException(command);
            }
        } catch (Exception failure) {
            StringBuilder names = new StringBuilder("failed");
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                names.append(' ').append(cause.getClass().getSimpleName());
                if (cause instanceof org.springframework.mail.MailSendException) {
                    for (Exception inside : ((org.springframework.mail.MailSendException) cause).getMessageExceptions()) {
                        names.append(' ').append(inside.getClass().getSimpleName());
                    }
                }
            }
            return names.toString();
        }
    }

    private static Properties read(String file) {
        Resource resource = file.startsWith("=") ? new ByteArrayResource(Base64.getDecoder().decode(file.substring(1))) : new FileSystemResource(file);
        YamlPropertiesFactoryBean reader = new YamlPropertiesFactoryBean();
        reader.setResources(resource);
        return reader.getObject();
    }

    private static StandardEnvironment environment(Properties read, String route) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addLast(new PropertiesPropertySource("file", read));
        if (!route.equals("-")) {
            environment.getPropertySources().addFirst(new MapPropertySource("route", Map.of("mail.route", route)));
        }
        return environment;
    }

    /** As MailSenderPropertiesConfiguration of Spring Boot does it. */
    private static void send(StandardEnvironment environment, Properties read) throws Exception {
        JavaMailSenderImpl sender = new JavaMailSenderImpl();
        sender.setHost(environment.getRequiredProperty("spring.mail.host"));
        sender.setPort(environment.getRequiredProperty("spring.mail.port", Integer.class));
        sender.setUsername(environment.getRequiredProperty("spring.mail.username"));
        sender.setPassword(environment.getRequiredProperty("spring.mail.password"));
        sender.setProtocol(environment.getRequiredProperty("spring.mail.protocol"));
        sender.setDefaultEncoding(environment.getRequiredProperty("spring.mail.default-encoding"));
        sender.setJavaMailProperties(below(environment, read, "spring.mail.properties["));
        MimeMessage message = sender.createMimeMessage();
        String route = "mail.routes." + environment.getRequiredProperty("mail.route");
        MimeMessageHelper helper = new MimeMessageHelper(message);
        helper.setFrom(environment.getRequiredProperty(route + ".from-address"), environment.getRequiredProperty(route + ".from-name"));
        helper.setTo("you@customer.test");
        helper.setSubject("Grüße");
        helper.setText("body");
        for (Map.Entry<Object, Object> header : below(environment, read, route + ".headers[").entrySet()) {
            message.setHeader((String) header.getKey(), (String) header.getValue());
        }
        sender.send(message);
    }

    private static Properties below(StandardEnvironment environment, Properties read, String prefix) {
        Properties found = new Properties();
        for (String name : read.stringPropertyNames()) {
            if (name.startsWith(prefix)) {
                found.setProperty(name.substring(prefix.length(), name.length() - 1), environment.getRequiredProperty(name));
            }
        }
        return found;
    }

    private static String values(StandardEnvironment environment, Properties read) {
        StringBuilder text = new StringBuilder();
        for (String name : new TreeMap<Object, Object>(read).keySet().toArray(new String[0])) {
            text.append(' ').append(name).append('=').append(Base64.getEncoder().encodeToString(environment.getProperty(name).getBytes(StandardCharsets.UTF_8)));
        }
        return text.toString();
    }
}
