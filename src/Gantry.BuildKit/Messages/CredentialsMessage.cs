using Gantry.BuildKit.Protobuf;
using Gantry.Registry.Client.Auth;

namespace Gantry.BuildKit.Messages;

/// <summary><c>moby.filesync.v1.CredentialsResponse</c>.</summary>
internal static class CredentialsMessage
{
    public static RegistryCredentials? Parse(ReadOnlySpan<byte> bytes)
    {
        var (user, secret) = ("", "");
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                user = reader.Text();
            else if (reader.Field == 2)
                secret = reader.Text();
            else
                reader.Skip();
        }
        // A secret without a name is a token of a login by OAuth 2.
        return secret.Length == 0 ? null
            : user.Length == 0 ? new RegistryCredentials { IdentityToken = secret } : new RegistryCredentials { Username = user, Password = secret };
    }
}
