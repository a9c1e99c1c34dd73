using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gantry.Api.Model;

namespace Gantry.Cli.Credentials;

/// <summary>
/// A program that keeps credentials, <c>docker-credential-NAME</c>: called with a verb, it reads its subject from standard input and
/// answers on standard output, failures included. What it says on standard error, the user sees.
/// </summary>
/// <param name="name">The last part of the program's name.</param>
/// <param name="searchPath">The folders to look for it in, separated by colons (<c>PATH</c>).</param>
/// <param name="limit">How long a call may take; the program may have to ask the user to unlock a keychain.</param>
internal sealed class CredentialProgram(string name, string searchPath, TimeSpan limit)
{
    // The protocol has no code for it, only this text.
    private const string NotFound = "credentials not found in native keychain";

    // In the place of a user's name: the secret is an identity token.
    private const string TokenUser = "<token>";

    private string Program => "docker-credential-" + name;

    /// <summary>The credentials for a registry, or null.</summary>
    /// <exception cref="CommandException">The program failed.</exception>
    public async Task<AuthConfig?> FindAsync(string address)
    {
        var (exitCode, output) = await CallAsync("get", address, "getting credentials").ConfigureAwait(false);
        if (exitCode != 0)
            return output == NotFound ? null : throw Failure("getting credentials", $"exit status {exitCode}", output);
        var answer = Parse(output, "getting credentials");
        var (user, secret) = (Text(answer, "Username"), Text(answer, "Secret"));
        return user == TokenUser
            ? new AuthConfig { ServerAddress = address, IdentityToken = secret }
            : new AuthConfig { ServerAddress = address, Username = user, Password = secret };
    }

    /// <summary>Keeps credentials.</summary>
    /// <exception cref="CommandException">The program failed.</exception>
    public async Task StoreAsync(AuthConfig credentials)
    {
        var subject = new JsonObject
        {
            ["ServerURL"] = credentials.ServerAddress,
            ["Username"] = credentials.IdentityToken is null ? credentials.Username : TokenUser,
            ["Secret"] = credentials.IdentityToken ?? credentials.Password,
        };
        var (exitCode, output) = await CallAsync("store", subject.ToJsonString(), "storing credentials").ConfigureAwait(false);
        if (exitCode != 0)
            throw Failure("storing credentials", $"exit status {exitCode}", output);
    }

    /// <summary>Forgets the credentials for a registry, if there are any.</summary>
    /// <exception cref="CommandException">The program failed.</exception>
    public async Task EraseAsync(string address)
    {
        var (exitCode, output) = await CallAsync("erase", address, "erasing credentials").ConfigureAwait(false);
        if (exitCode != 0 && output != NotFound)
            throw Failure("erasing credentials", $"exit status {exitCode}", output);
    }

    /// <summary>The registries that it has credentials for.</summary>
    /// <exception cref="CommandException">The program failed.</exception>
    public async Task<IReadOnlyList<string>> ListAsync()
    {
        var (exitCode, output) = await CallAsync("list", "unused", "listing credentials").ConfigureAwait(false);
        return exitCode == 0
            ? [.. Parse(output, "listing credentials").Select(static entry => entry.Key)]
            : throw Failure("listing credentials", $"exit status {exitCode}", output);
    }

    private async Task<(int ExitCode, string Output)> CallAsync(string verb, string subject, string doing)
    {
        var file = Locate() ?? throw Failure(doing, $"exec: \"{Program}\": executable file not found in $PATH", "");
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(file, [verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using var deadline = new CancellationTokenSource(limit);
        try
        {
            process.Start();
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            await WriteAsync(process, subject, deadline.Token).ConfigureAwait(false);
            var text = await output.ConfigureAwait(false);
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
            return (process.ExitCode, text.Trim());
        }
        catch (Win32Exception error)
        {
            throw Failure(doing, $"fork/exec {file}: {error.Message}", "");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw Failure(doing, $"no answer within {limit.TotalSeconds:0.#} seconds", "");
        }
    }

    private string? Locate() => searchPath.Split(':').Where(static folder => folder.Length > 0)
        .Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists);

    private static async Task WriteAsync(Process process, string subject, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(subject), cancellation).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its exit code tells what it thinks of the call.
        }
    }

    private JsonObject Parse(string output, string doing)
    {
        try
        {
            return JsonNode.Parse(output) as JsonObject ?? throw Failure(doing, "the answer is no JSON object", output);
        }
        catch (JsonException)
        {
            // The answer is not shown: a part of it may be a secret.
            throw Failure(doing, "the answer is no JSON object", "");
        }
    }

    private static string? Text(JsonObject answer, string name) =>
        answer[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static CommandException Failure(string doing, string cause, string output) =>
        new($"error {doing} - err: {cause}, out: `{output}`");
}
