using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gossip.Discovery.Dns;
using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Discovery;

/// <summary>The client against a server that others wrote: dnsmasq, which Debian has as dnsmasq-base.</summary>
public sealed class DnsmasqTests
{
    private const int Many = 60;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Services_hosts_aliases_and_large_answers_are_found()
    {
        await using var server = await Dnsmasq.StartAsync([
            "--srv-host=_gossip._tcp.test,b.test,7002,10,0", "--srv-host=_gossip._tcp.test,a.test,7001,0,0",
            "--host-record=a.test,127.0.0.1,::1", "--host-record=b.test,127.0.0.2", "--cname=alias.test,a.test", "--local-ttl=60",
            .. Enumerable.Range(1, Many).Select(i => string.Create(CultureInfo.InvariantCulture, $"--srv-host=_many._tcp.test,node-{i}.test,{7000 + i}"))]);
        var client = server.Client();

        var targets = await client.FindServiceAsync("_gossip._tcp.test", Token).InTime();
        Assert.Equal(["a.test:7001", "b.test:7002"], targets.Select(target => $"{target.Host}:{target.Port}"));
        Assert.Contains(IPAddress.Loopback, targets[0].Addresses);
        Assert.Equal(Many, (await client.FindServiceAsync("_many._tcp.test", Token).InTime()).DistinctBy(target => target.Port).Count());
        Assert.Equal(["127.0.0.1", "::1"], (await client.FindHostAsync("alias.test", Token).InTime()).Select(ip => ip.ToString()));
        Assert.Equal(["127.0.0.1"], (await new DnsClient(() => server.Settings with { Domains = ["nowhere.test", "test"] }, TimeProvider.System, 1).FindHostAsync("a", Token).InTime()).Where(ip => ip.AddressFamily == AddressFamily.InterNetwork).Select(ip => ip.ToString()));
        var error = await Assert.ThrowsAsync<LookupException>(() => client.FindServiceAsync("_none._tcp.test", Token).InTime());
        Assert.Contains("no such name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_find_each_other_by_a_service()
    {
        await using var cluster = new LocalCluster();
        var first = await cluster.AddAsync();
        await using var server = await Dnsmasq.StartAsync([
            string.Create(CultureInfo.InvariantCulture, $"--srv-host=_gossip._tcp.test,node.test,{first.View.Local.Address.Port}"), "--host-record=node.test,127.0.0.1"]);
        var options = cluster.Options(options => options.DnsServers.Add(server.Endpoint.ToString()));
        options.Seeds.Add("srv+_gossip._tcp.test");
        var second = await cluster.AddAsync(options);
        await cluster.FormedAsync();
        Assert.Equal(first.Instance, (await second.JoinAsync(["srv+_gossip._tcp.test", "node.test:" + first.View.Local.Address.Port.ToString(CultureInfo.InvariantCulture)], Token))[1].By);
        var failed = (await second.JoinAsync(["srv+_none._tcp.test"], Token)).Single();
        Assert.Equal(JoinFailure.Unresolvable, failed.Failure);
        Assert.Contains("no such name", failed.Error!.Message, StringComparison.Ordinal);
    }

    private sealed class Dnsmasq : IAsyncDisposable
    {
        private readonly Process _process;

        private Dnsmasq(Process process, IPEndPoint endpoint)
        {
            _process = process;
            Endpoint = endpoint;
        }

        public IPEndPoint Endpoint { get; }

        public DnsSettings Settings => new() { Servers = [Endpoint] };

        public DnsClient Client() => new(() => Settings, TimeProvider.System, 1);

        public static async Task<Dnsmasq> StartAsync(string[] records)
        {
            Skipping.Unless(OperatingSystem.IsLinux(), "dnsmasq is looked for on Linux only.");
            int port;
            await using (var free = new FakeDns((_, _) => []))
            {
                port = free.Endpoint.Port;
            }

            var start = new ProcessStartInfo("dnsmasq") { RedirectStandardError = true, RedirectStandardOutput = true };
            string[] arguments =
            [
                "--no-daemon", "--conf-file=/dev/null", string.Create(CultureInfo.InvariantCulture, $"--port={port}"), "--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv", "--no-hosts", "--pid-file",
                "--local=/test/", "--log-facility=/dev/null",
                .. Environment.IsPrivilegedProcess ? (string[])["--user=root"] : [], .. records,
            ];
            foreach (var argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment["PATH"] += ":/usr/sbin:/sbin";
            Process? process = null;
            try
            {
                process = Process.Start(start);
            }
            catch (Win32Exception)
            {
                Skipping.Because("dnsmasq is not installed: apt-get install dnsmasq-base.");
            }

            var server = new Dnsmasq(process!, new IPEndPoint(IPAddress.Loopback, port));
            await Awaiting.UntilAsync(async () =>
            {
                Assert.False(process!.HasExited, process.HasExited ? await process.StandardError.ReadToEndAsync(Token) : "");
                try
                {
                    await server.Client().FindHostAsync("ready.test", Token);
                }
                catch (LookupException e)
                {
                    return !e.Message.Contains("no DNS server", StringComparison.Ordinal);
                }

                return true;
            });
            return server;
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }
    }
}
