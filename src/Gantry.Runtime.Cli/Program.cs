using Gantry.Os.Starting;
using Gantry.Runtime.Cli.Keeper;
using Gantry.Runtime.Cli.NetHelper;
using Gantry.Runtime.Cli;

StaticBases.Complete();

// The keeper and the net helper are programs of their own that share this binary; everything else is the OCI runtime's command line.
return args switch
{
    ["keeper", ..] => KeeperCommand.Run(args.AsSpan(1)),
    ["nethelper", ..] => NetHelperCommand.Run(args.AsSpan(1)),
    _ => RuntimeCommandLine.Run(args),
};
