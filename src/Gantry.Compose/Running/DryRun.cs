using System.Security.Cryptography;
using System.Text;

namespace Gantry.Compose.Running;

/// <summary>Answers in the daemon's place when nothing is to happen: whatever is asked for is said to be done.</summary>
public static class DryRun
{
    /// <summary>The answer to a request that would change something.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="target">Its path and query.</param>
    public static byte[] Answer(string method, string target)
    {
        var path = target.Split('?')[0];
        var creates = method == "POST" && path.EndsWith("/create", StringComparison.Ordinal);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return Encoding.UTF8.GetBytes(creates ? $"{{\"Id\":\"{id}\",\"Name\":\"{id}\",\"Warnings\":[],\"Warning\":\"\"}}" : "{}");
    }
}
