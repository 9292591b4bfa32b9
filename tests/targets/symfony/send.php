<?php
// Boots Symfony's own kernel with a generated mailer.yaml for each case and sends with its mailer.
// Takes JSON on stdin: a list of cases {yaml, class, env, sends: [{stream, transport, from, to}]}; gives a list of results for each.

use Symfony\Bundle\FrameworkBundle\FrameworkBundle;
use Symfony\Component\Config\Loader\LoaderInterface;
use Symfony\Component\DependencyInjection\ContainerBuilder;
use Symfony\Component\DependencyInjection\EnvVarProcessorInterface;
use Symfony\Component\HttpKernel\Kernel;
use Symfony\Component\Mime\Email;

error_reporting(E_ALL & ~E_DEPRECATED);
foreach (['Bundle/FrameworkBundle', 'Component/Mailer', 'Component/Yaml', 'Component/HttpClient'] as $part) {
    require "/usr/share/php/Symfony/$part/autoload.php";
}
foreach (['Amazon', 'Postmark', 'Sendgrid'] as $bridge) {
    require "/usr/share/php/Symfony/Component/Mailer/Bridge/$bridge/autoload.php";
}

// What Symfony 6.4 brings itself (DependencyInjection/EnvVarProcessor.php).
final class UrlEncode implements EnvVarProcessorInterface
{
    public function getEnv(string $prefix, string $name, Closure $getEnv)
    {
        return rawurlencode($getEnv($name));
    }

    public static function getProvidedTypes(): array
    {
        return ['urlencode' => 'string'];
    }
}

final class AppKernel extends Kernel
{
    public function __construct(private string $id, private string $yaml, private bool $hasClass)
    {
        parent::__construct('prod', false);
    }

    public function registerBundles(): iterable
    {
        return [new FrameworkBundle()];
    }

    public function getProjectDir(): string
    {
        return sys_get_temp_dir()."/$this->id-".getmypid();
    }

    public function registerContainerConfiguration(LoaderInterface $loader): void
    {
        $loader->load($this->yaml);
        $loader->load(function (ContainerBuilder $container) {
            $container->loadFromExtension('framework', ['secret' => 'x', 'http_method_override' => false, 'messenger' => ['enabled' => false]]);
            $container->register(UrlEncode::class, UrlEncode::class)->setAutoconfigured(true);
            if ($this->hasClass) {
                $container->register(App\Mail\MailStreams::class)->setAutoconfigured(true);
            }
            $container->setAlias('the_mailer', 'mailer.mailer')->setPublic(true);
        });
    }
}

$results = [];
foreach (json_decode(stream_get_contents(STDIN), true) as $number => $case) {
    foreach ($case['env'] as $name => $value) {
        $_ENV[$name] = $value;
    }
    if ($case['class']) {
        require_once $case['class'];
    }
    try {
        $kernel = new AppKernel("case-$number", $case['yaml'], (bool) $case['class']);
        $kernel->boot();
        $mailer = $kernel->getContainer()->get('the_mailer');
    } catch (Throwable $error) {
        $results[$number] = ['boot: '.$error->getMessage()];
        continue;
    }
    foreach ($case['sends'] as $send) {
        $email = isset($send['stream']) ? App\Mail\MailStreams::email($send['stream']) : new Email();
        if (isset($send['transport'])) {
            $email->getHeaders()->remove('X-Transport');
            $email->getHeaders()->addTextHeader('X-Transport', $send['transport']);
        }
        if (isset($send['from'])) {
            $email->from($send['from']);
        }
        $email->to($send['to'] ?? 'you@customer.test')->subject('Grüße')->text('body')->html('<p>body</p>');
        $email->getHeaders()->addTextHeader('X-Began', sprintf('%.6F', microtime(true)));
        try {
            $mailer->send($email);
            $results[$number][] = 'sent';
        } catch (Throwable $error) {
            $results[$number][] = get_class($error).': '.$error->getMessage();
        }
    }
    $kernel->shutdown();
}
echo json_encode($results);
