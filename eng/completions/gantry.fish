# Completion of gantry for fish. The program itself knows its commands and flags, and the names of containers, images, volumes and networks.
function __gantry_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] __complete $words[2..-1] 2>/dev/null
end
complete -c gantry -a '(__gantry_complete)'
